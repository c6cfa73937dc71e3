using System.CommandLine;
using HardwareChat.Terminal.Demo;

var root = new RootCommand("HardwareChat: a group chat in which a person is a hardware token.") { DemoCommand.Create() };
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });

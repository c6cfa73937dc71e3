using HardwareChat.Tools;

return await ToolsCommandLine.RunAsync(args);

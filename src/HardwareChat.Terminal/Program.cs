using HardwareChat.Terminal;

return await TerminalCommandLine.RunAsync(args);

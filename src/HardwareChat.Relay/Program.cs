using HardwareChat.Relay;

return await RelayCommandLine.RunAsync(args);

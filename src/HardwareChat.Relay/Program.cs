using HardwareChat.Relay;

return await RelayCommand.RunAsync(args);

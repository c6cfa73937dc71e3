namespace HardwareChat.Relay;

/// <summary>The command line of <c>hwchat-relay</c>.</summary>
public static class RelayCommand
{
    /// <summary>Runs one command to its exit code.</summary>
    public static Task<int> RunAsync(string[] args) => Task.FromResult(args.Length == 0 ? 0 : 2);
}

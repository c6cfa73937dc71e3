namespace HardwareChat.Relay;

/// <summary>Ends a process whose place in the cluster others have taken: it stood still or was cut off for too long, and its rooms go on elsewhere.</summary>
/// <remarks>Nothing is lost by ending at once: what was acknowledged is in the database. Its supervisor starts it again.</remarks>
internal sealed partial class PlaceLost(ILogger<PlaceLost> log) : IFatalErrorHandler
{
    /// <summary>The process's exit code.</summary>
    public const int ExitCode = 5;

    /// <inheritdoc/>
    public bool IsUnexpected(Exception exception) => exception is not (OperationCanceledException or ObjectDisposedException);

    /// <inheritdoc/>
    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        LogEnding(log, context ?? "", exception);
        Environment.Exit(ExitCode);
    }

    [LoggerMessage(1, LogLevel.Critical, "the cluster goes on without this process, which ends to be started again: {Context}")]
    private static partial void LogEnding(ILogger logger, string context, Exception? exception);
}

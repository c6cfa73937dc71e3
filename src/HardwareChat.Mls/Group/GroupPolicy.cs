namespace HardwareChat.Mls;

/// <summary>What only the application knows, for one operation: who is who, what time it is, which pre-shared keys there are.</summary>
/// <param name="Credentials">Judges every leaf that enters the tree.</param>
public sealed record GroupPolicy(ICredentialCheck Credentials)
{
    /// <summary>The time, in seconds since the Unix epoch, at which leaves from key packages must be within their lifetime; null: not checked.</summary>
    public ulong? Time { get; init; }

    /// <summary>The longest total lifetime, in seconds, of a leaf from a key package; null: not checked.</summary>
    public ulong? MaxLifetime { get; init; }

    /// <summary>The application's PSKs, and resumption PSKs of other groups or of older epochs than the group keeps. A copy, which the library disposes of; null if there is none.</summary>
    public Func<PreSharedKeyId, Secret?>? FindPsk { get; init; }
}

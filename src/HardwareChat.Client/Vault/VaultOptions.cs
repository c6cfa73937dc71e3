namespace HardwareChat.Client;

/// <summary>What a vault is told about its surroundings.</summary>
public sealed record VaultOptions
{
    /// <summary>The text of a message that search is to find; <see langword="null"/> for messages without any. Without it, <see cref="Vault.Search"/> cannot be used.</summary>
    /// <remarks>Called under the vault's lock, and when a message changes or goes with what it was before: it must give the same text for the same message, and not call the vault.</remarks>
    public Func<StoredMessage, string?>? MessageText { get; init; }

    /// <summary>The least <see cref="Vault.Generation"/> that is taken: an anchor that the caller kept outside of the file. A file below it was put back.</summary>
    public ulong LeastGeneration { get; init; }
}

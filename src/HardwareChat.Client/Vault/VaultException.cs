namespace HardwareChat.Client;

/// <summary>Why a vault did not open, or did not take a write.</summary>
public enum VaultFault
{
    /// <summary>There is no file at that path.</summary>
    Missing = 1,

    /// <summary>There is a file already, and a vault is never made over one.</summary>
    Exists,

    /// <summary>The file is no vault: another program's, or nothing that SQLite reads.</summary>
    Foreign,

    /// <summary>A later release of this program wrote it.</summary>
    Newer,

    /// <summary>Another process has it open.</summary>
    InUse,

    /// <summary>The key does not open it: another token's, or another vault's.</summary>
    WrongKey,

    /// <summary>It is a vault, but not as it was written: rows are missing, changed, exchanged or old.</summary>
    Damaged,

    /// <summary>It is whole, but older than the state that the anchor remembers.</summary>
    RolledBack,

    /// <summary>The disk refused: full, read-only, or failing. The vault is as it was before the transaction.</summary>
    Disk,
}

/// <summary>The vault cannot be used as it was asked; <see cref="Fault"/> says why, and the message says it to a person.</summary>
public sealed class VaultException : Exception
{
    internal VaultException(VaultFault fault, string message, Exception? cause = null)
        : base(message, cause) => Fault = fault;

    /// <summary>Which of the reasons it is.</summary>
    public VaultFault Fault { get; }

    /// <summary>The process that holds the vault, where the fault is <see cref="VaultFault.InUse"/> and it could be read.</summary>
    public int? HolderProcess { get; init; }
}

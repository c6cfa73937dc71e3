namespace HardwareChat.Mls.Interop.Tests.Peers;

/// <summary>What a handshake sends: the commit to the members, the Welcome (if any) to those it adds; both are MLSMessages.</summary>
internal sealed record Handshake(byte[] Commit, byte[]? Welcome);

internal enum Received
{
    Application,
    Proposal,
    Commit,
    Removed,
}

/// <summary>What all members of an epoch must agree on: MLS-Exporter("exporter", "", 32) depends on every secret and hash of it.</summary>
internal sealed record Agreement(ulong Epoch, string Exported);

/// <summary>
/// One member of one group, whatever implementation it runs on. Messages are MLSMessages as bytes (RFC 9420 §6).
/// A handshake moves its sender's own state only in <see cref="Merge"/>.
/// </summary>
internal abstract class Party(string name, CipherSuiteId suite, byte[] identity)
{
    public string Name { get; } = name;

    public CipherSuiteId Suite { get; } = suite;

    public byte[] Identity { get; } = identity;

    /// <summary>What was decrypted last.</summary>
    public byte[] Heard { get; protected set; } = [];

    public abstract byte[] KeyPackage();

    public abstract void Create(byte[] groupId);

    public abstract Handshake Add(params byte[][] keyPackages);

    public abstract Handshake Remove(params Party[] members);

    public abstract Handshake Update();

    public abstract Handshake CommitPending();

    public abstract Handshake UsePsk(byte[] id);

    public abstract byte[] ProposeAdd(byte[] keyPackage);

    public abstract byte[] ProposeRemove(Party member);

    public abstract byte[] ProposeUpdate();

    public abstract void KnowPsk(byte[] id, byte[] psk);

    public abstract void Merge();

    public abstract void Join(byte[] welcome);

    public abstract Handshake JoinExternally(byte[] groupInfo, bool resync = false);

    public abstract byte[] GroupInfo();

    public abstract byte[] Send(byte[] plaintext, byte[]? authenticatedData = null);

    public abstract Received Receive(byte[] message);

    public abstract Agreement State();

    public override string ToString() => Name;
}

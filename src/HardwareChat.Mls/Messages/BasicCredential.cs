using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>A bare assertion of an identity in the application's own format (RFC 9420 §5.3).</summary>
public sealed class BasicCredential : Credential
{
    private readonly byte[] _identity;

    /// <summary>A credential with a copy of <paramref name="identity"/>.</summary>
    public BasicCredential(ReadOnlySpan<byte> identity)
        : this(identity.ToArray())
    {
    }

    internal BasicCredential(byte[] ownedIdentity)
        : base(CredentialType.Basic) => _identity = ownedIdentity;

    /// <summary>The identity.</summary>
    public ReadOnlySpan<byte> Identity => _identity;

    private protected override void WriteContentTo(ref TlsWriter writer) => writer.WriteOpaque(_identity);
}

using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>A credential of a type that this library does not know, as a private-use type is: one opaque field.</summary>
public sealed class OpaqueCredential : Credential
{
    private readonly byte[] _content;

    /// <summary>A credential with a copy of <paramref name="content"/>.</summary>
    /// <exception cref="ArgumentException">The type has a class of its own.</exception>
    public OpaqueCredential(CredentialType type, ReadOnlySpan<byte> content)
        : this(type, content.ToArray())
    {
        if (type == CredentialType.Basic || type == CredentialType.X509)
            throw new ArgumentException("the type has a class of its own", nameof(type));
    }

    internal OpaqueCredential(CredentialType type, byte[] ownedContent)
        : base(type) => _content = ownedContent;

    /// <summary>The field's bytes.</summary>
    public ReadOnlySpan<byte> Content => _content;

    private protected override void WriteContentTo(ref TlsWriter writer) => writer.WriteOpaque(_content);
}

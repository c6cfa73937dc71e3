using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §5.3
//
//   struct {
//       opaque cert_data<V>;
//   } Certificate;
//
//   struct {
//       CredentialType credential_type;
//       select (Credential.credential_type) {
//           case basic:
//               opaque identity<V>;
//           case x509:
//               Certificate certificates<V>;
//       };
//   } Credential;
//
// The RFC gives types that it does not know no common shape. As other implementations do, any other type is read as one opaque<V>.

/// <summary>What a member presents as its identity. It means nothing until the application's <see cref="ICredentialCheck"/> accepts it.</summary>
public abstract class Credential : ITlsSerializable, IEquatable<Credential>
{
    private protected Credential(CredentialType type) => Type = type;

    /// <summary>The kind.</summary>
    public CredentialType Type { get; }

    internal static Credential ReadFrom(ref TlsReader reader)
    {
        CredentialType type = CredentialType.ReadFrom(ref reader);
        if (type == CredentialType.X509)
            return new X509Credential(TlsVector.Read(ref reader, X509Credential.ReadCertificate));
        byte[] content = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        return type == CredentialType.Basic ? new BasicCredential(content) : new OpaqueCredential(type, content);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Type.WriteTo(ref writer);
        WriteContentTo(ref writer);
    }

    private protected abstract void WriteContentTo(ref TlsWriter writer);

    /// <summary>Whether both have the same encoding.</summary>
    public bool Equals(Credential? other)
        => other is not null && (ReferenceEquals(this, other) || TlsWriter.Encode(this).AsSpan().SequenceEqual(TlsWriter.Encode(other)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Credential);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(TlsWriter.Encode(this));
        return hash.ToHashCode();
    }
}

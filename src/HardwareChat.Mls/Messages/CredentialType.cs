using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §5.3, §17.5
//
//   uint16 CredentialType;

/// <summary>The kind of a <see cref="Credential"/>: a value of the IANA registry "MLS Credential Types", known to this library or not.</summary>
/// <param name="Value">The number on the wire.</param>
public readonly record struct CredentialType(ushort Value) : ITlsSerializable
{
    /// <summary>A bare identity in the application's own format.</summary>
    public static readonly CredentialType Basic = new(0x0001);

    /// <summary>A chain of certificates.</summary>
    public static readonly CredentialType X509 = new(0x0002);

    internal static CredentialType ReadFrom(ref TlsReader reader) => new(reader.ReadUInt16());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteUInt16(Value);

    /// <inheritdoc/>
    public override string ToString() => $"credential 0x{Value:X4}";
}

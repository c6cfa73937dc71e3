using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.2, §17.3
//
//   uint16 ExtensionType;

/// <summary>The kind of an <see cref="Extension"/>: a value of the IANA registry "MLS Extension Types", known to this library or not.</summary>
/// <param name="Value">The number on the wire.</param>
public readonly record struct ExtensionType(ushort Value) : ITlsSerializable
{
    /// <summary>In a leaf: an identifier of the application's, which nobody authenticates (RFC 9420 §5.3.3).</summary>
    public static readonly ExtensionType ApplicationId = new(0x0001);

    /// <summary>In a GroupInfo: the whole public tree (RFC 9420 §12.4.3.3).</summary>
    public static readonly ExtensionType RatchetTree = new(0x0002);

    /// <summary>In the group's context: what every member must support (RFC 9420 §11.1).</summary>
    public static readonly ExtensionType RequiredCapabilities = new(0x0003);

    /// <summary>In a GroupInfo: the key to which an external joiner encapsulates (RFC 9420 §12.4.3.2).</summary>
    public static readonly ExtensionType ExternalPub = new(0x0004);

    /// <summary>In the group's context: who may propose from outside (RFC 9420 §12.1.8.1).</summary>
    public static readonly ExtensionType ExternalSenders = new(0x0005);

    /// <summary>RFC 9420 §7.2: default types, which every client supports and none lists.</summary>
    public bool IsDefault => Value is >= 0x0001 and <= 0x0005;

    internal static ExtensionType ReadFrom(ref TlsReader reader) => new(reader.ReadUInt16());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteUInt16(Value);

    /// <inheritdoc/>
    public override string ToString() => $"extension 0x{Value:X4}";
}

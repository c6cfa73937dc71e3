using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6, §17.2
//
//   uint16 WireFormat;

/// <summary>What an <see cref="MlsMessage"/> holds.</summary>
/// <param name="Value">The number on the wire.</param>
public readonly record struct WireFormat(ushort Value) : ITlsSerializable
{
    /// <summary>A message that is signed and not encrypted.</summary>
    public static readonly WireFormat PublicMessage = new(0x0001);

    /// <summary>A message that is signed and encrypted.</summary>
    public static readonly WireFormat PrivateMessage = new(0x0002);

    /// <summary>A Welcome.</summary>
    public static readonly WireFormat Welcome = new(0x0003);

    /// <summary>A GroupInfo.</summary>
    public static readonly WireFormat GroupInfo = new(0x0004);

    /// <summary>A KeyPackage.</summary>
    public static readonly WireFormat KeyPackage = new(0x0005);

    internal static WireFormat ReadFrom(ref TlsReader reader) => new(reader.ReadUInt16());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteUInt16(Value);

    /// <inheritdoc/>
    public override string ToString() => $"wire format 0x{Value:X4}";
}

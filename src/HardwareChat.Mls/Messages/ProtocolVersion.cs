using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6
//
//   enum {
//       reserved(0),
//       mls10(1),
//       (65535)
//   } ProtocolVersion;

/// <summary>A protocol version as it stands on the wire; a peer may support versions that this library does not know.</summary>
/// <param name="Value">The number on the wire.</param>
public readonly record struct ProtocolVersion(ushort Value) : ITlsSerializable
{
    /// <summary>MLS 1.0, the only version there is.</summary>
    public static readonly ProtocolVersion Mls10 = new(1);

    internal static ProtocolVersion ReadFrom(ref TlsReader reader) => new(reader.ReadUInt16());

    // RFC 9420 §6: "ProtocolVersion version = mls10": where a structure fixes the version, any other is malformed.
    internal static void ReadMls10(ref TlsReader reader)
    {
        if (ReadFrom(ref reader) != Mls10)
            throw reader.Malformed("protocol version is not mls10");
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteUInt16(Value);

    /// <inheritdoc/>
    public override string ToString() => this == Mls10 ? "mls10" : $"version 0x{Value:X4}";
}

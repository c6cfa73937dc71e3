using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>A room, and its MLS group: H("room", RoomGenesis).</summary>
public readonly record struct RoomId(Digest Value) : ITlsSerializable
{
    /// <summary>The identifier of 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static RoomId FromBytes(ReadOnlySpan<byte> bytes) => new(new Digest(bytes));

    /// <summary>opaque x[32].</summary>
    public static RoomId Read(ref TlsReader reader) => new(Digest.Read(ref reader));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => Value.WriteTo(ref writer);

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}

using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>The life of one touch: H("session", Touch). The signature is not part of the name.</summary>
public readonly record struct SessionId(Digest Value) : ITlsSerializable
{
    /// <summary>The identifier of 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static SessionId FromBytes(ReadOnlySpan<byte> bytes) => new(new Digest(bytes));

    /// <summary>opaque x[32].</summary>
    public static SessionId Read(ref TlsReader reader) => new(Digest.Read(ref reader));

    /// <summary>The id of the session of the touch with this encoding.</summary>
    public static SessionId OfTouch(ReadOnlySpan<byte> touch) => new(Labelled.Hash(Labels.Session, touch));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => Value.WriteTo(ref writer);

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}

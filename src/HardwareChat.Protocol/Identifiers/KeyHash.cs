using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>The name of a public key: H("key", public key).</summary>
public readonly record struct KeyHash(Digest Value) : ITlsSerializable
{
    /// <summary>The identifier of 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static KeyHash FromBytes(ReadOnlySpan<byte> bytes) => new(new Digest(bytes));

    /// <summary>opaque x[32].</summary>
    public static KeyHash Read(ref TlsReader reader) => new(Digest.Read(ref reader));

    /// <summary>The hash of a public key: raw bytes of a session, channel, invite or recovery key, or a 9C key's SubjectPublicKeyInfo.</summary>
    public static KeyHash Of(ReadOnlySpan<byte> publicKey) => new(Labelled.Hash(Labels.Key, publicKey));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => Value.WriteTo(ref writer);

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}

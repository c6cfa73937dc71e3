using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>A token: SHA-256 of the SubjectPublicKeyInfo of its enrolled 9A key.</summary>
public readonly record struct TokenId(Digest Value) : ITlsSerializable
{
    /// <summary>The identifier of 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static TokenId FromBytes(ReadOnlySpan<byte> bytes) => new(new Digest(bytes));

    /// <summary>opaque x[32].</summary>
    public static TokenId Read(ref TlsReader reader) => new(Digest.Read(ref reader));

    /// <summary>The id of the token whose 9A key has this SubjectPublicKeyInfo.</summary>
    public static TokenId OfSpki(ReadOnlySpan<byte> spki) => new(Digest.Of(spki));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => Value.WriteTo(ref writer);

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}

using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>A community's registry: the StatementId of its genesis.</summary>
public readonly record struct RegistryId(Digest Value) : ITlsSerializable
{
    /// <summary>The identifier of 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static RegistryId FromBytes(ReadOnlySpan<byte> bytes) => new(new Digest(bytes));

    /// <summary>opaque x[32].</summary>
    public static RegistryId Read(ref TlsReader reader) => new(Digest.Read(ref reader));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => Value.WriteTo(ref writer);

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}

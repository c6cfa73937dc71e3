using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>A relay's identity: H("relay", relay_key).</summary>
public readonly record struct RelayId(Digest Value) : ITlsSerializable
{
    /// <summary>The identifier of 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static RelayId FromBytes(ReadOnlySpan<byte> bytes) => new(new Digest(bytes));

    /// <summary>opaque x[32].</summary>
    public static RelayId Read(ref TlsReader reader) => new(Digest.Read(ref reader));

    /// <summary>The id of the relay whose Ed25519 identity key this is.</summary>
    public static RelayId OfKey(ReadOnlySpan<byte> relayKey) => new(Labelled.Hash(Labels.Relay, relayKey));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => Value.WriteTo(ref writer);

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}

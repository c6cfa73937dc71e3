using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { uint64 time; uint64 not_after; opaque checkpoint<V>; Extension extensions<V>; } Ready;
//
// The plaintext of the relay's first record. It tells the client that it was let in: before it, a closed socket is a refusal.

/// <summary>The relay's first word to a client that it has let in.</summary>
/// <param name="Time">The relay's clock, Unix seconds: advice, "your clock is off".</param>
/// <param name="NotAfter">Unix seconds at which the relay will end this channel.</param>
/// <param name="Checkpoint">The registry's newest signed checkpoint, a C2SP note.</param>
/// <param name="Extensions">Extensions.</param>
public sealed record Ready(ulong Time, ulong NotAfter, ReadOnlyMemory<byte> Checkpoint, IReadOnlyList<Extension> Extensions) : ITlsSerializable
{
    /// <summary>The structure that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    /// <exception cref="ChannelException">An extension is critical.</exception>
    public static Ready Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        ulong time = reader.ReadUInt64();
        ulong notAfter = reader.ReadUInt64();
        byte[] checkpoint = reader.ReadOpaque(ProtocolLimits.CheckpointBytes).ToArray();
        IReadOnlyList<Extension> extensions = Extension.ReadList(ref reader);
        reader.ThrowIfNotEmpty();
        return new Ready(time, notAfter, checkpoint, extensions);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(Time);
        writer.WriteUInt64(NotAfter);
        writer.WriteOpaque(Checkpoint.Span);
        Extension.WriteList(ref writer, Extensions);
    }

    /// <summary>Reads any bytes as a Ready, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        try
        {
            FuzzCore(input);
        }
        catch (ChannelException)
        {
            // A refusal by a rule is an answer.
        }
    }

    private static void FuzzCore(ReadOnlySpan<byte> input)
    {
        Ready ready = Decode(input);
        if (!TlsWriter.Encode(ready).AsSpan().SequenceEqual(input))
            throw new CryptographicException("A Ready has two encodings.");
    }
}

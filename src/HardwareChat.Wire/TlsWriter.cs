using System.Buffers;
using System.Buffers.Binary;

namespace HardwareChat.Wire;

/// <summary>Writes the body of a vector whose length is not known beforehand.</summary>
/// <typeparam name="TState">What the body needs; passed along so that the lambda can be static.</typeparam>
public delegate void VectorBody<in TState>(ref TlsWriter writer, TState state)
    where TState : allows ref struct;

/// <summary>Writes structures of the TLS presentation language (RFC 8446 §3, RFC 9420 §2.1) to a buffer writer.</summary>
/// <remarks>
/// A value with no encoding (an opaque above 2^30 - 1 bytes) is the caller's mistake and throws <see cref="ArgumentException"/>.
/// Vectors are rendered into a rented scratch buffer first, since their length precedes them; it is zeroed before it is
/// returned, as what is written may be secret.
/// </remarks>
public readonly ref struct TlsWriter
{
    private readonly IBufferWriter<byte> _output;

    /// <summary>A writer that appends to <paramref name="output"/>, which stays the caller's.</summary>
    public TlsWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <summary>The encoding of one structure as an array of exactly its size.</summary>
    public static byte[] Encode<T>(in T structure)
        where T : ITlsSerializable, allows ref struct
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        structure.WriteTo(ref writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>uint8.</summary>
    public void WriteUInt8(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    /// <summary>uint16, big-endian.</summary>
    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_output.GetSpan(sizeof(ushort)), value);
        _output.Advance(sizeof(ushort));
    }

    /// <summary>uint32, big-endian.</summary>
    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_output.GetSpan(sizeof(uint)), value);
        _output.Advance(sizeof(uint));
    }

    /// <summary>uint64, big-endian.</summary>
    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_output.GetSpan(sizeof(ulong)), value);
        _output.Advance(sizeof(ulong));
    }

    /// <summary>opaque x[n]: the bytes and nothing else.</summary>
    public void WriteFixed(ReadOnlySpan<byte> bytes) => _output.Write(bytes);

    /// <summary>opaque x&lt;V&gt;: the length of RFC 9420 §2.1.2 and the bytes.</summary>
    public void WriteOpaque(ReadOnlySpan<byte> bytes)
    {
        WriteLength(bytes.Length);
        _output.Write(bytes);
    }

    /// <summary>The presence octet of optional&lt;T&gt; (RFC 9420 §2.1.1); the caller writes the value after it if it is present.</summary>
    public void WriteOptional(bool present) => WriteUInt8(present ? (byte)1 : (byte)0);

    /// <summary>A structure's encoding.</summary>
    public void Write<T>(in T structure)
        where T : ITlsSerializable, allows ref struct
    {
        TlsWriter self = this;
        structure.WriteTo(ref self);
    }

    /// <summary>T x&lt;V&gt;: every structure in order, behind the length of all of them in bytes.</summary>
    public void WriteVector<T>(ReadOnlySpan<T> structures)
        where T : ITlsSerializable
        => WriteVector(structures, static (ref writer, structures) =>
        {
            foreach (T structure in structures)
                structure.WriteTo(ref writer);
        });

    /// <summary>T x&lt;V&gt;: whatever <paramref name="body"/> writes, behind its length in bytes.</summary>
    public void WriteVector<TState>(TState state, VectorBody<TState> body)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(body);
        using var scratch = new TlsBuffer();
        var nested = new TlsWriter(scratch);
        body(ref nested, state);
        WriteOpaque(scratch.WrittenSpan);
    }

    /// <summary>The length prefix of a vector of <paramref name="length"/> bytes, in its shortest form.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or above <see cref="VectorLength.Max"/>.</exception>
    public void WriteLength(int length)
    {
        switch (VectorLength.EncodedSize(length))
        {
            case 1:
                WriteUInt8((byte)length);
                break;
            case 2:
                WriteUInt16((ushort)(length | 0x4000));
                break;
            default:
                WriteUInt32((uint)length | 0x8000_0000);
                break;
        }
    }
}

using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>The sending direction of a channel. One owner; not thread-safe.</summary>
/// <remarks>Nothing is allocated: a record is made in the caller's buffer of <see cref="ProtocolLimits.RecordBytes"/>, and sealed there.</remarks>
public sealed class RecordSealer : IDisposable
{
    private readonly CipherState _cipher;

    internal RecordSealer(CipherState cipher) => _cipher = cipher;

    /// <summary>Whether a close has been sealed: nothing may follow it.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Begins a record of whole frames in <paramref name="record"/>.</summary>
    public FramesRecord BeginFrames(Span<byte> record) => new(this, record);

    /// <summary>Seals the next part of a frame that is longer than <see cref="Record.MaxWholeFrame"/>.</summary>
    /// <param name="frame">The whole frame.</param>
    /// <param name="sent">Bytes of it that have gone; advanced. The frame is done when it reaches the frame's length.</param>
    /// <param name="record">Room for a record.</param>
    /// <returns>Bytes of the record.</returns>
    public int SealPart(ReadOnlySpan<byte> frame, ref int sent, Span<byte> record)
    {
        if (frame.Length <= Record.MaxWholeFrame || frame.Length > ProtocolLimits.FrameBytes)
            throw new ArgumentException("a frame of this size does not travel as parts", nameof(frame));
        ReadOnlySpan<byte> rest = frame[sent..];
        if (rest.IsEmpty)
            throw new InvalidOperationException("the frame has been sent");
        bool last = rest.Length <= Record.MaxBody;
        ReadOnlySpan<byte> body = last ? rest : rest[..Record.MaxBody];
        record[0] = (byte)(last ? RecordKind.LastPart : RecordKind.Part);
        body.CopyTo(record[1..]);
        sent += body.Length;
        return SealInPlace(record, 1 + body.Length);
    }

    /// <summary>Seals the end of this direction.</summary>
    /// <returns>Bytes of the record.</returns>
    public int SealClose(CloseReason reason, Span<byte> record)
    {
        record[0] = (byte)RecordKind.Close;
        record[1] = (byte)reason;
        int length = SealInPlace(record, 2);
        IsClosed = true;
        return length;
    }

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => _cipher.Dispose();

    internal int SealInPlace(Span<byte> record, int plaintext)
    {
        if (IsClosed)
            throw new InvalidOperationException("this direction has been closed");
        int length = _cipher.EncryptWithAd([], record[..plaintext], record);
        if (_cipher.Nonce % ProtocolLimits.RecordsPerKey == 0)
            _cipher.Rekey();
        return length;
    }
}

/// <summary>A record under construction: whatever has gathered for a peer, sealed once.</summary>
public ref struct FramesRecord
{
    private readonly RecordSealer _sealer;
    private readonly Span<byte> _record;
    private int _length;

    internal FramesRecord(RecordSealer sealer, Span<byte> record)
    {
        if (record.Length <= Record.Overhead)
            throw new ArgumentException("the buffer has no room for a record", nameof(record));
        _sealer = sealer;
        _record = record[..Math.Min(record.Length, ProtocolLimits.RecordBytes)];
        _record[0] = (byte)RecordKind.Frames;
        _length = 1;
    }

    /// <summary>Whether no frame has been added.</summary>
    public readonly bool IsEmpty => _length == 1;

    /// <summary>Adds a frame; false if the record has no room for it, and then it is as it was.</summary>
    public bool TryAdd(scoped ReadOnlySpan<byte> frame)
    {
        if (frame.IsEmpty || frame.Length > Record.MaxWholeFrame)
            return false;
        int prefix = VectorLength.EncodedSize(frame.Length);
        if (_length + prefix + frame.Length + CipherState.TagSize > _record.Length)
            return false;
        int marked = prefix switch { 1 => frame.Length, 2 => frame.Length | 0x4000, _ => frame.Length | unchecked((int)0x8000_0000) };
        for (int i = prefix - 1; i >= 0; i--)
            _record[_length++] = unchecked((byte)(marked >> (8 * i)));
        frame.CopyTo(_record[_length..]);
        _length += frame.Length;
        return true;
    }

    /// <summary>Seals the record where it stands.</summary>
    /// <returns>Bytes of the record.</returns>
    /// <exception cref="InvalidOperationException">No frame has been added.</exception>
    public readonly int Seal()
    {
        if (IsEmpty)
            throw new InvalidOperationException("a record holds at least one frame");
        return _sealer.SealInPlace(_record, _length);
    }
}

using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>The receiving direction of a channel. One owner; not thread-safe.</summary>
/// <remarks>
/// Records of whole frames are opened in place and cost no memory. A frame in parts is gathered up to its limit. The first
/// failure ends the direction: every later call throws <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class RecordOpener : IDisposable
{
    private readonly CipherState _cipher;
    private readonly int _frameLimit;
    private TlsBuffer? _parts;
    private TlsBuffer? _assembled;
    private bool _failed;

    internal RecordOpener(CipherState cipher, int frameLimit)
    {
        _cipher = cipher;
        _frameLimit = frameLimit;
    }

    /// <summary>Why the peer closed; null while it has not.</summary>
    public CloseReason? Closed { get; private set; }

    /// <summary>Whether a record was refused: the channel is over.</summary>
    public bool HasFailed => _failed;

    /// <summary>Bytes held for a frame that is not complete: bounded, whatever the peer sends.</summary>
    public int HeldBytes => _parts?.WrittenSpan.Length ?? 0;

    /// <summary>Opens the next record in place.</summary>
    /// <returns>The frames that it completes; views that are valid until the next record is opened.</returns>
    /// <exception cref="DecodeException">Malformed.</exception>
    /// <exception cref="ChannelException">Not authentic, out of order, or too large.</exception>
    public ReceivedFrames Open(Span<byte> record)
    {
        ObjectDisposedException.ThrowIf(_failed, this);
        _assembled?.Dispose();
        _assembled = null;
        try
        {
            return OpenCore(record);
        }
        catch (Exception e) when (e is DecodeException or ChannelException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Zeroes the key and whatever was held.</summary>
    public void Dispose()
    {
        _failed = true;
        _cipher.Dispose();
        _parts?.Dispose();
        _parts = null;
        _assembled?.Dispose();
        _assembled = null;
    }

    /// <summary>The receiving direction against any peer that holds the keys, for fuzzing: opaque plaintexts&lt;V&gt; until the input ends.</summary>
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
        using var opener = new RecordOpener(new CipherState(new byte[CipherState.KeySize]), ProtocolLimits.GuestFrameBytes);
        using var peer = new CipherState(new byte[CipherState.KeySize]);
        var reader = new TlsReader(input);
        while (!reader.IsEmpty)
        {
            ReadOnlySpan<byte> plaintext = reader.ReadOpaque(ProtocolLimits.RecordBytes);
            var record = new byte[plaintext.Length + CipherState.TagSize];
            peer.EncryptWithAd([], plaintext, record);
            ReceivedFrames frames = opener.Open(record);
            while (frames.TryNext(out ReadOnlySpan<byte> frame))
            {
                if (frame.IsEmpty || opener.HeldBytes > ProtocolLimits.GuestFrameBytes)
                    throw new InvalidOperationException("a frame is empty, or more is held than may be");
            }
        }
    }

    internal void Fail() => Dispose();

    private ReceivedFrames OpenCore(Span<byte> record)
    {
        if (record.Length > ProtocolLimits.RecordBytes)
            throw new ChannelException(ChannelRule.RecordSize);
        if (Closed is not null)
            throw new ChannelException(ChannelRule.NothingFollowsClose);
        if (!_cipher.DecryptWithAd([], record, record, out int length))
            throw new ChannelException(ChannelRule.RecordDecrypts);
        if (_cipher.Nonce % ProtocolLimits.RecordsPerKey == 0)
            _cipher.Rekey();

        var reader = new TlsReader(record[..length]);
        var kind = (RecordKind)reader.ReadUInt8();
        ReadOnlySpan<byte> body = reader.Rest;
        switch (kind)
        {
            case RecordKind.Frames when _parts is not null:
                throw new ChannelException(ChannelRule.PartsAreInOrder);
            case RecordKind.Frames:
                return body.IsEmpty ? throw reader.Malformed("a record of frames holds none") : new ReceivedFrames(this, body, whole: false, _frameLimit);
            case RecordKind.Part:
                TakePart(body, last: false);
                return default;
            case RecordKind.LastPart:
                TakePart(body, last: true);
                return new ReceivedFrames(this, _assembled!.WrittenSpan, whole: true, _frameLimit);
            case RecordKind.Close:
                var reason = (CloseReason)reader.ReadUInt8();
                reader.ThrowIfNotEmpty();
                Closed = reason;
                _parts?.Dispose();
                _parts = null;
                return default;
            default:
                throw reader.Malformed("no such kind of record");
        }
    }

    private void TakePart(ReadOnlySpan<byte> body, bool last)
    {
        // A frame that fits a body but not a body with its length before it is a last part alone; a shorter one travels whole.
        int least = _parts is null ? Record.MaxWholeFrame + 1 : 1;
        bool ordered = last ? body.Length >= least : body.Length == Record.MaxBody;
        if (!ordered)
            throw new ChannelException(ChannelRule.PartsAreInOrder);
        if (HeldBytes + body.Length > _frameLimit)
            throw new ChannelException(ChannelRule.FrameSize);
        _parts ??= new TlsBuffer(2 * Record.MaxBody);
        new TlsWriter(_parts).WriteFixed(body);
        if (last)
            (_assembled, _parts) = (_parts, null);
    }
}

/// <summary>The frames that a record completes, one after the other.</summary>
public ref struct ReceivedFrames
{
    private readonly RecordOpener? _opener;
    private readonly int _frameLimit;
    private readonly bool _whole;
    private TlsReader _rest;

    internal ReceivedFrames(RecordOpener opener, ReadOnlySpan<byte> body, bool whole, int frameLimit)
    {
        _opener = opener;
        _rest = new TlsReader(body);
        _whole = whole;
        _frameLimit = frameLimit;
    }

    /// <summary>The next frame; false after the last one.</summary>
    /// <exception cref="DecodeException">Malformed: the channel is over.</exception>
    /// <exception cref="ChannelException">A frame is longer than the peer may send: the channel is over.</exception>
    public bool TryNext(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        if (_rest.IsEmpty)
            return false;
        if (_whole)
        {
            frame = _rest.ReadFixed(_rest.Remaining);
            return true;
        }
        try
        {
            frame = _rest.ReadOpaque(Record.MaxBody);
            if (frame.Length > _frameLimit)
                throw new ChannelException(ChannelRule.FrameSize);
            if (frame.IsEmpty)
                throw _rest.Malformed("a frame is empty");
            return true;
        }
        catch (Exception e) when (e is DecodeException or ChannelException)
        {
            _opener?.Fail();
            throw;
        }
    }
}

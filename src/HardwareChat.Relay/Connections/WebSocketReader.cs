using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using HardwareChat.Protocol;

namespace HardwareChat.Relay;

// RFC 6455 §5.2, the client's direction: every frame is masked, and only binary messages carry data.
//
//   FIN RSV opcode | MASK length | [length 16 or 64] | masking key | payload
//
// An idle connection holds no buffer: it waits with a read of zero bytes.

/// <summary>What a client's socket brought.</summary>
internal enum WebSocketEvent
{
    /// <summary>A whole binary message.</summary>
    Message,

    /// <summary>A ping, to be answered.</summary>
    Ping,

    /// <summary>A pong, though nobody pinged: a sign of life.</summary>
    Pong,

    /// <summary>A close frame: the client writes no more.</summary>
    Close,

    /// <summary>The socket ended without a close frame.</summary>
    End,

    /// <summary>The client broke RFC 6455, or a limit.</summary>
    Violation,
}

/// <summary>Reads a client's WebSocket frames. One owner.</summary>
internal sealed class WebSocketReader(Stream stream) : IDisposable
{
    private const int ControlPayload = 125;
    private const int MaxHeader = 14;
    private const int SmallBuffer = 8 * 1024;
    private const int LargeBuffer = ProtocolLimits.RecordBytes + MaxHeader;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private byte[]? _fragments;
    private int _gathered;
    private int _fragmentCount;

    /// <summary>The payload of the last message or ping: valid, and the caller's to change, until the next read.</summary>
    public Memory<byte> Payload { get; private set; }

    /// <summary>Reads until something is whole.</summary>
    public async ValueTask<WebSocketEvent> ReadAsync(CancellationToken cancel)
    {
        ReleaseFragments(keep: _fragmentCount > 0);
        while (true)
        {
            Header header;
            while (!TryReadHeader(out header))
            {
                if (!await FillAsync(MaxHeader, cancel))
                    return WebSocketEvent.End;
            }
            if (!IsLawful(header))
                return WebSocketEvent.Violation;
            int whole = header.Size + header.Length;
            while (_end - _start < whole)
            {
                if (!await FillAsync(whole, cancel))
                    return WebSocketEvent.End;
            }
            Memory<byte> payload = _buffer.AsMemory(_start + header.Size, header.Length);
            Unmask(payload.Span, header.Mask);
            _start += whole;
            switch (header.Opcode)
            {
                case 0x8:
                    return WebSocketEvent.Close;
                case 0x9:
                    Payload = payload;
                    return WebSocketEvent.Ping;
                case 0xA:
                    return WebSocketEvent.Pong;
            }
            if (header.IsFinal && _fragmentCount == 0)
            {
                Payload = payload;
                return WebSocketEvent.Message;
            }
            if (!Gather(payload.Span))
                return WebSocketEvent.Violation;
            if (!header.IsFinal)
                continue;
            Payload = _fragments.AsMemory(0, _gathered);
            _fragmentCount = 0;
            _gathered = 0;
            return WebSocketEvent.Message;
        }
    }

    /// <summary>Gives the buffers back.</summary>
    public void Dispose()
    {
        ReleaseBuffer();
        ReleaseFragments(keep: false);
    }

    // RFC 6455 §5.1 (masked), §5.2 (RSV 0, shortest length), §5.4 (fragments), §5.5 (control frames are whole and short).
    private bool IsLawful(in Header header)
    {
        if (!header.IsMasked || header.Reserved != 0 || !header.IsShortest || header.Length > ProtocolLimits.RecordBytes)
            return false;
        return header.Opcode switch
        {
            0x0 => _fragmentCount > 0,
            0x2 => _fragmentCount == 0,
            0x8 or 0x9 or 0xA => header.IsFinal && header.Length <= ControlPayload,
            _ => false,
        };
    }

    private bool Gather(ReadOnlySpan<byte> payload)
    {
        if (++_fragmentCount > RelayLimits.FragmentsPerMessage || _gathered + payload.Length > ProtocolLimits.RecordBytes)
            return false;
        _fragments ??= ArrayPool<byte>.Shared.Rent(ProtocolLimits.RecordBytes);
        payload.CopyTo(_fragments.AsSpan(_gathered));
        _gathered += payload.Length;
        return true;
    }

    private bool TryReadHeader(out Header header)
    {
        header = default;
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _end - _start);
        if (bytes.Length < 2)
            return false;
        int code = bytes[1] & 0x7F;
        int lengthBytes = code switch { 126 => 2, 127 => 8, _ => 0 };
        bool masked = (bytes[1] & 0x80) != 0;
        int size = 2 + lengthBytes + (masked ? 4 : 0);
        if (bytes.Length < size)
            return false;
        ulong length = code switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            127 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => (ulong)code,
        };
        bool shortest = code switch { 126 => length > ControlPayload, 127 => length > ushort.MaxValue, _ => true };
        header = new Header(
            bytes[0] & 0x0F,
            (bytes[0] & 0x80) != 0,
            bytes[0] & 0x70,
            masked,
            shortest,
            (int)Math.Min(length, int.MaxValue),
            size,
            masked ? MemoryMarshal.Read<uint>(bytes[(size - 4)..]) : 0);
        return true;
    }

    private async ValueTask<bool> FillAsync(int wanted, CancellationToken cancel)
    {
        if (_start == _end)
        {
            ValueTask<int> ready = stream.ReadAsync(Memory<byte>.Empty, cancel);
            if (!ready.IsCompleted)
                ReleaseBuffer();
            await ready;
            _start = _end = 0;
        }
        MakeRoom(wanted);
        int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancel);
        _end += read;
        return read > 0;
    }

    private void MakeRoom(int wanted)
    {
        int held = _end - _start;
        if (_buffer is null || _buffer.Length < wanted)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(wanted <= SmallBuffer ? SmallBuffer : LargeBuffer);
            _buffer.AsSpan(_start, held).CopyTo(larger);
            ReleaseBuffer();
            _buffer = larger;
        }
        else if (_start > 0 && _buffer.Length - _start < wanted)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }
        else
        {
            return;
        }
        _start = 0;
        _end = held;
    }

    private void ReleaseBuffer()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: false);
        _buffer = null;
    }

    private void ReleaseFragments(bool keep)
    {
        if (keep || _fragments is null)
            return;
        ArrayPool<byte>.Shared.Return(_fragments, clearArray: false);
        _fragments = null;
    }

    // RFC 6455 §5.3.
    private static void Unmask(Span<byte> payload, uint mask)
    {
        ulong wide = mask | ((ulong)mask << 32);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(payload);
        for (int i = 0; i < words.Length; i++)
            words[i] ^= wide;
        Span<byte> rest = payload[(words.Length * sizeof(ulong))..];
        Span<byte> key = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(key, mask);
        for (int i = 0; i < rest.Length; i++)
            rest[i] ^= key[i % sizeof(uint)];
    }

    private readonly record struct Header(int Opcode, bool IsFinal, int Reserved, bool IsMasked, bool IsShortest, int Length, int Size, uint Mask);
}

using System.Security.Cryptography;

namespace HardwareChat.Terminal.Json;

/// <summary>What was read.</summary>
internal enum LineKind
{
    /// <summary>A line.</summary>
    Line,

    /// <summary>A line that was too long: all of it was dropped.</summary>
    TooLong,

    /// <summary>The end of the input.</summary>
    End,
}

/// <summary>Lines of bytes, bounded. A line may hold a pass phrase: what was read is zeroed with the next reading.</summary>
internal sealed class LineReader : IDisposable
{
    private const int ReadAtOnce = 64 * 1024;

    private readonly Stream _input;
    private readonly int _longest;
    private readonly byte[] _buffer;
    private int _start;
    private int _end;

    /// <summary>Lines of a stream, which stays the caller's.</summary>
    public LineReader(Stream input, int longest)
    {
        _input = input;
        _longest = longest;
        _buffer = GC.AllocateArray<byte>(longest + Math.Min(longest, ReadAtOnce), pinned: true);
    }

    /// <summary>Reads the next line.</summary>
    /// <param name="line">The line without its end, valid until the next reading.</param>
    public LineKind Read(out ReadOnlyMemory<byte> line)
    {
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, _start));
        bool isTooLong = false;
        int searched = _start;
        while (true)
        {
            int found = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                int length = searched + found - _start;
                line = Take(length, length + 1);
                return isTooLong || length > _longest ? LineKind.TooLong : LineKind.Line;
            }
            if (_end - _start > _longest)
            {
                isTooLong = true;
                _start = _end;
            }
            MakeRoom();
            searched = _end;
            int read = _input.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                line = Take(_end - _start, _end - _start);
                return isTooLong ? LineKind.TooLong : line.IsEmpty ? LineKind.End : LineKind.Line;
            }
            _end += read;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_buffer);

    private ReadOnlyMemory<byte> Take(int length, int consumed)
    {
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
        _start += consumed;
        return line.Span is [.., (byte)'\r'] ? line[..^1] : line;
    }

    private void MakeRoom()
    {
        if (_start == 0)
            return;
        int kept = _end - _start;
        _buffer.AsSpan(_start, kept).CopyTo(_buffer);
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(kept, _end - kept));
        (_start, _end) = (0, kept);
    }
}

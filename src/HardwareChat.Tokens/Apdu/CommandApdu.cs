using System.Buffers.Binary;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Apdu;

/// <summary>A command to a card (ISO/IEC 7816-4 §5.1): a header, data, and the length of the response that is wanted.</summary>
/// <remarks>
/// <code>
/// case 1   CLA INS P1 P2
/// case 2   CLA INS P1 P2 Le            or  CLA INS P1 P2 00 Le Le
/// case 3   CLA INS P1 P2 Lc data       or  CLA INS P1 P2 00 Lc Lc data
/// case 4   CLA INS P1 P2 Lc data Le    or  CLA INS P1 P2 00 Lc Lc data Le Le
/// </code>
/// A view: <see cref="Data"/> belongs to the caller, who clears it if it holds a secret.
/// </remarks>
public readonly ref struct CommandApdu
{
    /// <summary>The most data that a short command carries; longer data needs chaining or the extended form.</summary>
    public const int MaxShortData = 255;

    /// <summary>The most data that any command carries.</summary>
    public const int MaxData = 65_535;

    /// <summary>The most response bytes that a short command can ask for (Le = 00).</summary>
    public const int MaxShortResponse = 256;

    /// <summary>The most response bytes that any command can ask for (Le = 00 00).</summary>
    public const int MaxResponse = 65_536;

    /// <summary>The longest encoding of any command.</summary>
    public const int MaxEncodedLength = HeaderSize + 3 + MaxData + 2;

    /// <summary>The class bit that says "more of this command follows" (ISO/IEC 7816-4 §5.3.3).</summary>
    public const byte ChainingBit = 0x10;

    private const int HeaderSize = 4;

    /// <summary>A command.</summary>
    /// <param name="cla">Class; bit 0x10 is <see cref="ChainingBit"/>.</param>
    /// <param name="ins">Instruction.</param>
    /// <param name="p1">First parameter.</param>
    /// <param name="p2">Second parameter.</param>
    /// <param name="data">Command data, at most <see cref="MaxData"/> bytes.</param>
    /// <param name="expected">Response bytes wanted, at most <see cref="MaxResponse"/>; 0 asks for none (no Le).</param>
    /// <param name="extended">Whether to write the extended form; data or an expected length too long for the short form implies it.</param>
    public CommandApdu(byte cla, byte ins, byte p1, byte p2, ReadOnlySpan<byte> data = default, int expected = 0, bool extended = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, MaxData);
        ArgumentOutOfRangeException.ThrowIfNegative(expected);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(expected, MaxResponse);
        Cla = cla;
        Ins = ins;
        P1 = p1;
        P2 = p2;
        Data = data;
        Expected = expected;
        bool hasLength = data.Length > 0 || expected > 0;
        IsExtended = (extended && hasLength) || data.Length > MaxShortData || expected > MaxShortResponse;
    }

    /// <summary>Class.</summary>
    public byte Cla { get; }

    /// <summary>Instruction.</summary>
    public byte Ins { get; }

    /// <summary>First parameter.</summary>
    public byte P1 { get; }

    /// <summary>Second parameter.</summary>
    public byte P2 { get; }

    /// <summary>Command data.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Response bytes wanted (Ne): 0 for none, 256 for Le = 00, 65536 for Le = 00 00.</summary>
    public int Expected { get; }

    /// <summary>Whether the lengths are in the extended form.</summary>
    public bool IsExtended { get; }

    /// <summary>Whether more of this command follows.</summary>
    public bool IsChained => (Cla & ChainingBit) != 0;

    /// <summary>Bytes that <see cref="Write"/> writes.</summary>
    public int EncodedLength
    {
        get
        {
            int marker = IsExtended ? 1 : 0;
            int size = IsExtended ? 2 : 1;
            return HeaderSize + marker + (Data.Length > 0 ? size + Data.Length : 0) + (Expected > 0 ? size : 0);
        }
    }

    /// <summary>Writes the command and says how many bytes that took.</summary>
    public int Write(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, EncodedLength);
        destination[0] = Cla;
        destination[1] = Ins;
        destination[2] = P1;
        destination[3] = P2;
        int at = HeaderSize;
        if (IsExtended)
            destination[at++] = 0;
        if (Data.Length > 0)
        {
            at += WriteLength(destination[at..], Data.Length);
            Data.CopyTo(destination[at..]);
            at += Data.Length;
        }

        if (Expected > 0)
            at += WriteLength(destination[at..], Expected);
        return at;
    }

    /// <summary>The encoding in an array of its own: for commands without secrets.</summary>
    public byte[] ToArray()
    {
        byte[] encoded = new byte[EncodedLength];
        Write(encoded);
        return encoded;
    }

    /// <summary>Reads a command in any of the four cases, short or extended. The result points into <paramref name="encoded"/>.</summary>
    /// <exception cref="DecodeException">The lengths do not fit the bytes.</exception>
    public static CommandApdu Parse(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < HeaderSize)
            throw new DecodeException("command is shorter than its header", encoded.Length);
        ReadOnlySpan<byte> body = encoded[HeaderSize..];
        if (body.IsEmpty)
            return Make(encoded, default, 0, extended: false);
        if (body.Length == 1)
            return Make(encoded, default, ShortExpected(body[0]), extended: false);
        return body[0] != 0 ? ParseShort(encoded, body) : ParseExtended(encoded, body);
    }

    /// <summary>Fuzz entry: any bytes give a command that encodes to the same bytes, or a <see cref="DecodeException"/>.</summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        try
        {
            CommandApdu command = Parse(data);
            if (!command.ToArray().AsSpan().SequenceEqual(data))
                throw new InvalidOperationException("a command did not encode to the bytes that it was read from");
        }
        catch (DecodeException)
        {
            // The one exception that malformed bytes may cause.
        }
    }

    private static CommandApdu ParseShort(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> body)
    {
        int length = body[0];
        int rest = body.Length - 1 - length;
        if (rest is not (0 or 1))
            throw new DecodeException("Lc does not fit the command's length", HeaderSize);
        return Make(encoded, body.Slice(1, length), rest == 1 ? ShortExpected(body[^1]) : 0, extended: false);
    }

    private static CommandApdu ParseExtended(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> body)
    {
        if (body.Length < 3)
            throw new DecodeException("extended length is cut short", HeaderSize);
        int length = BinaryPrimitives.ReadUInt16BigEndian(body[1..]);
        if (body.Length == 3)
            return Make(encoded, default, length == 0 ? MaxResponse : length, extended: true);
        int rest = body.Length - 3 - length;
        if (length == 0 || rest is not (0 or 2))
            throw new DecodeException("extended Lc does not fit the command's length", HeaderSize);
        int expected = 0;
        if (rest == 2)
        {
            int last = BinaryPrimitives.ReadUInt16BigEndian(body[^2..]);
            expected = last == 0 ? MaxResponse : last;
        }

        return Make(encoded, body.Slice(3, length), expected, extended: true);
    }

    private static CommandApdu Make(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data, int expected, bool extended)
        => new(header[0], header[1], header[2], header[3], data, expected, extended);

    private static int ShortExpected(byte le) => le == 0 ? MaxShortResponse : le;

    private int WriteLength(Span<byte> destination, int length)
    {
        if (!IsExtended)
        {
            destination[0] = (byte)(length & 0xFF);
            return 1;
        }

        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(length & 0xFFFF));
        return sizeof(ushort);
    }
}

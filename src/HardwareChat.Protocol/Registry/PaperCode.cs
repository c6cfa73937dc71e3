using System.Security.Cryptography;
using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// Crockford's Base32 (0-9 A-Z without I, L, O, U), in groups of four joined by -, then one group of checksum: the first 20
// bits of H("paper code", kind || bytes). A reader takes small letters, and O for 0, I and L for 1; dashes and spaces do not
// count. The kind keeps an invite code from being taken for a recovery key.

/// <summary>What a code on paper is.</summary>
public enum PaperCodeKind : byte
{
    /// <summary>An invite code: 160 bits.</summary>
    Invite = 1,

    /// <summary>A recovery key: the 256-bit seed of an Ed25519 key.</summary>
    Recovery = 2,

    /// <summary>What opens a vault when every token is lost: 128 bits.</summary>
    Vault = 3,
}

/// <summary>Secret bytes as a person can write them down, with a checksum that finds a slip of the pen.</summary>
public static class PaperCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int ChecksumCharacters = 4;
    private const int Group = 4;

    /// <summary>Bytes of a code of this kind.</summary>
    public static int SizeOf(PaperCodeKind kind) => kind switch
    {
        PaperCodeKind.Invite => 20,
        PaperCodeKind.Recovery => 32,
        PaperCodeKind.Vault => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The code on paper. It is meant to be shown to a person, so it is a string, and whoever asks for it answers for it.</summary>
    public static string Format(PaperCodeKind kind, ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SizeOf(kind))
            throw new ArgumentException($"A code of this kind has {SizeOf(kind)} bytes.", nameof(secret));
        string characters = Encode(secret) + Checksum(kind, secret);
        var text = new StringBuilder();
        for (int i = 0; i < characters.Length; i++)
        {
            if (i > 0 && (i % Group == 0 || i == characters.Length - ChecksumCharacters) && text[^1] != '-')
                text.Append('-');
            text.Append(characters[i]);
        }
        return text.ToString();
    }

    /// <summary>Reads a code that a person typed into <paramref name="secret"/>.</summary>
    /// <param name="kind">The kind that is expected.</param>
    /// <param name="text">What was typed.</param>
    /// <param name="secret">As many bytes as the kind has; zeroed if the text is refused.</param>
    /// <exception cref="DecodeException">Not a code of this kind: a character that is none, a wrong length, or a checksum that does not fit.</exception>
    public static void Parse(PaperCodeKind kind, ReadOnlySpan<char> text, Span<byte> secret)
    {
        int size = SizeOf(kind);
        if (secret.Length != size)
            throw new ArgumentException($"A code of this kind has {size} bytes.", nameof(secret));
        int wanted = ((size * 8) + 4) / 5;
        Span<byte> values = stackalloc byte[wanted + ChecksumCharacters];
        int count = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] is '-' or ' ')
                continue;
            int value = ValueOf(text[at]);
            if (value < 0)
                throw new DecodeException("not a character of a code", at);
            if (count == values.Length)
                throw new DecodeException("code is too long", at);
            values[count++] = (byte)value;
        }
        if (count < values.Length)
            throw new DecodeException("code is too short", text.Length);
        bool padded = Decode(values[..wanted], secret);
        string checksum = Checksum(kind, secret);
        for (int i = 0; i < ChecksumCharacters; i++)
            padded &= Alphabet[values[wanted + i]] == checksum[i];
        CryptographicOperations.ZeroMemory(values);
        if (!padded)
        {
            CryptographicOperations.ZeroMemory(secret);
            throw new DecodeException("checksum of the code does not fit: a character is wrong", 0);
        }
    }

    /// <summary>Reads any bytes as an invite code, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        Span<byte> secret = stackalloc byte[SizeOf(PaperCodeKind.Invite)];
        Parse(PaperCodeKind.Invite, Encoding.Latin1.GetString(input), secret);
        Span<byte> again = stackalloc byte[SizeOf(PaperCodeKind.Invite)];
        Parse(PaperCodeKind.Invite, Format(PaperCodeKind.Invite, secret), again);
        if (!again.SequenceEqual(secret))
            throw new CryptographicException("A code is read in two ways.");
    }

    internal static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        int buffer = 0;
        int bits = 0;
        foreach (byte b in bytes)
        {
            buffer = ((buffer << 8) | b) & 0xFFF;
            for (bits += 8; bits >= 5; bits -= 5)
                text.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
        }
        if (bits > 0)
            text.Append(Alphabet[(buffer << (5 - bits)) & 31]);
        return text.ToString();
    }

    /// <summary>The bytes of these values; false where the bits that are left over are not zero.</summary>
    internal static bool Decode(ReadOnlySpan<byte> values, Span<byte> bytes)
    {
        int buffer = 0;
        int bits = 0;
        int written = 0;
        foreach (byte value in values)
        {
            buffer = ((buffer << 5) | value) & 0xFFF;
            bits += 5;
            if (bits < 8)
                continue;
            bits -= 8;
            bytes[written++] = (byte)((buffer >> bits) & 0xFF);
        }
        return (buffer & ((1 << bits) - 1)) == 0;
    }

    internal static int ValueOf(char c) => char.ToUpperInvariant(c) switch
    {
        'O' => 0,
        'I' or 'L' => 1,
        char upper => Alphabet.IndexOf(upper),
    };

    private static string Checksum(PaperCodeKind kind, ReadOnlySpan<byte> secret)
    {
        byte[] input = GC.AllocateUninitializedArray<byte>(1 + secret.Length, pinned: true);
        input[0] = (byte)kind;
        secret.CopyTo(input.AsSpan(1));
        Digest digest = Labelled.Hash(Labels.PaperCode, input);
        CryptographicOperations.ZeroMemory(input);
        return Encode(digest.ToArray().AsSpan(0, 3))[..ChecksumCharacters];
    }
}

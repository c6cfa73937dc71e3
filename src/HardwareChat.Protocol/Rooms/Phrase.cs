using System.Security.Cryptography;
using System.Text;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol;

// struct { uint32 version; opaque salt[16]; uint32 memory; uint32 passes; } PhraseParameters;   memory in KiB
//
// psk_id = "HardwareChat 1 phrase" || 0x00 || RoomId || uint32 version
// psk    = HKDF-SHA256(salt: RoomId, ikm: Argon2id(phrase, salt, memory, passes, p = 1), info: psk_id, 32)
//
// The work factor is data: a room raises it with the next version of its policy.

/// <summary>How a room's phrase becomes a key.</summary>
/// <param name="Version">Of the phrase: a new phrase, salt or work factor has the next number.</param>
/// <param name="Salt">16 random bytes, in hexadecimal comparison.</param>
/// <param name="Memory">Argon2id's memory, KiB.</param>
/// <param name="Passes">Argon2id's passes.</param>
public sealed record PhraseParameters(uint Version, ReadOnlyMemory<byte> Salt, uint Memory, uint Passes) : ITlsSerializable
{
    /// <summary>Bytes of a salt.</summary>
    public const int SaltSize = 16;

    /// <summary>Whether the work is neither below the floor nor above the ceiling.</summary>
    public bool IsWithinLimits => Memory is >= ProtocolLimits.PhraseMemoryFloor and <= ProtocolLimits.PhraseMemoryCeiling
        && Passes is >= ProtocolLimits.PhrasePassesFloor and <= ProtocolLimits.PhrasePassesCeiling;

    /// <summary>Parameters with a fresh salt and the floor's work: 64 MiB, three passes.</summary>
    public static PhraseParameters Create(uint version)
        => new(version, RandomNumberGenerator.GetBytes(SaltSize), ProtocolLimits.PhraseMemoryFloor, ProtocolLimits.PhrasePassesFloor);

    /// <summary>Reads parameters; that they are within the limits is a rule of the room, not of the encoding.</summary>
    public static PhraseParameters Read(ref TlsReader reader)
        => new(reader.ReadUInt32(), reader.ReadFixed(SaltSize).ToArray(), reader.ReadUInt32(), reader.ReadUInt32());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt32(Version);
        writer.WriteFixed(Salt.Span);
        writer.WriteUInt32(Memory);
        writer.WriteUInt32(Passes);
    }

    /// <inheritdoc/>
    public bool Equals(PhraseParameters? other)
        => other is not null && Version == other.Version && Memory == other.Memory && Passes == other.Passes && Salt.Span.SequenceEqual(other.Salt.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Version, Memory, Passes);
}

/// <summary>The stages of deriving a phrase's key, for a face to show: the middle one takes the time.</summary>
public enum PhraseStage
{
    /// <summary>Argon2id has begun; libsodium gives no finer progress.</summary>
    Hashing = 1,

    /// <summary>Done.</summary>
    Done,
}

/// <summary>The pre-shared key behind a room's door: derived here and nowhere else.</summary>
public static class Phrase
{
    /// <summary>Bytes of the key.</summary>
    public const int PskSize = 32;

    /// <summary>The psk_id of an external pre-shared key (RFC 9420 §8.4) that is a room's phrase.</summary>
    public static byte[] PskId(RoomId room, uint version)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        room.WriteTo(ref writer);
        writer.WriteUInt32(version);
        return Labelled.Bytes(Labels.Phrase, buffer.WrittenSpan);
    }

    /// <summary>Whether this text can be a phrase: see <see cref="Encode"/>.</summary>
    public static bool IsPhrase(ReadOnlySpan<char> phrase) => FaultOf(phrase) is null;

    /// <summary>Derives the key, which takes as long as the parameters ask for.</summary>
    /// <param name="phrase">The phrase, in memory that the caller zeroes.</param>
    /// <param name="room">The room.</param>
    /// <param name="parameters">From the room's policy.</param>
    /// <param name="psk">32 bytes that the caller owns and zeroes.</param>
    /// <param name="progress">Told of each stage; may be null.</param>
    /// <exception cref="ArgumentException">Parameters outside of the limits, or a text that can be no phrase.</exception>
    public static void Derive(ReadOnlySpan<char> phrase, RoomId room, PhraseParameters parameters, Span<byte> psk, IProgress<PhraseStage>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!parameters.IsWithinLimits)
            throw new ArgumentException("The phrase's work factor is outside of the limits.", nameof(parameters));
        if (psk.Length != PskSize)
            throw new ArgumentException($"The key has {PskSize} bytes.", nameof(psk));
        byte[] encoded = GC.AllocateArray<byte>(ProtocolLimits.PhraseBytes, pinned: true);
        byte[] hashed = GC.AllocateArray<byte>(PskSize, pinned: true);
        try
        {
            int length = Encode(phrase, encoded);
            progress?.Report(PhraseStage.Hashing);
            var argon2id = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters
            {
                DegreeOfParallelism = 1,
                MemorySize = parameters.Memory,
                NumberOfPasses = parameters.Passes,
            });
            argon2id.DeriveBytes(encoded.AsSpan(0, length), parameters.Salt.Span, hashed);
            HKDF.DeriveKey(HashAlgorithmName.SHA256, hashed, psk, room.Value.ToArray(), PskId(room, parameters.Version));
            progress?.Report(PhraseStage.Done);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(encoded);
            CryptographicOperations.ZeroMemory(hashed);
        }
    }

    // A phrase must be the same bytes for everybody who types it, so it must be in Unicode normal form C. The platform's
    // normalisation needs ICU, which is absent under InvariantGlobalization (Normalize then returns its input), so only
    // characters are taken that no normalisation changes, and that do not combine: ASCII, the precomposed letters of Latin,
    // Greek and Cyrillic, kana, CJK ideographs, Hangul syllables. White space at the ends is dropped, and a run of it inside is one space.
    private static int Encode(ReadOnlySpan<char> phrase, Span<byte> destination)
    {
        if (FaultOf(phrase) is { } fault)
            throw new ArgumentException(fault, nameof(phrase));
        int length = 0;
        bool space = false;
        foreach (char c in phrase)
        {
            if (c is ' ' or '\t')
            {
                space = length > 0;
                continue;
            }
            if (space)
                destination[length++] = (byte)' ';
            space = false;
            length += Encoding.UTF8.GetBytes([c], destination[length..]);
        }
        return length;
    }

    private static string? FaultOf(ReadOnlySpan<char> phrase)
    {
        int bytes = 0;
        bool any = false;
        foreach (char c in phrase)
        {
            if (!IsStable(c))
                return "A phrase has letters, digits, punctuation and spaces; a letter with accents must be one character.";
            any |= c is not (' ' or '\t');
            bytes += Encoding.UTF8.GetByteCount([c]);
        }
        if (!any)
            return "A phrase is not empty.";
        return bytes <= ProtocolLimits.PhraseBytes ? null : $"A phrase has at most {ProtocolLimits.PhraseBytes} bytes.";
    }

    // Each range holds only characters whose NFC_Quick_Check is Yes and whose combining class is 0, but for the three left out.
    private static bool IsStable(char c) => c switch
    {
        '\t' or (>= ' ' and <= '~') => true,
        (>= '\u00A1' and <= '\u02AF') => c != '\u00AD',
        (>= '\u0391' and <= '\u03FF') or (>= '\u0400' and <= '\u0482') or (>= '\u048A' and <= '\u052F') => c != '\u03A2',
        (>= '\u0386' and <= '\u0390') => c is '\u0386' or (>= '\u0388' and <= '\u038A') or '\u038C' or (>= '\u038E' and <= '\u0390'),
        (>= '\u1E00' and <= '\u1EFF') => true,
        (>= '\u3041' and <= '\u3096') or (>= '\u30A1' and <= '\u30FA') => true,
        (>= '\u4E00' and <= '\u9FFF') or (>= '\uAC00' and <= '\uD7A3') => true,
        _ => false,
    };
}

using System.Security.Cryptography;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Tools;

// docs/OPERATIONS.md, "File signatures".
//
//   struct {
//     uint16 version = 1;
//     opaque public_key<V>;       // SubjectPublicKeyInfo of the slot's key; its algorithm is the signature's
//     uint64 signed_at;           // Unix seconds, by the signer's own clock
//     uint64 length;
//     opaque sha256[32];
//   } FileStatement;              // what the token signs, label "file"

/// <summary>What a token says of a file: these bytes, signed with this key, at about this time.</summary>
/// <param name="Key">The key that signs.</param>
/// <param name="SignedAt">Unix seconds, by the signer's own clock: nobody vouches for it.</param>
/// <param name="Length">Bytes of the file.</param>
/// <param name="Sha256">Their SHA-256.</param>
public sealed record FileStatement(VerifyingKey Key, ulong SignedAt, ulong Length, Digest Sha256) : ITlsSerializable
{
    /// <summary>The only version there is.</summary>
    public const ushort Version = 1;

    // SubjectPublicKeyInfo of P-384, the longest key that is allowed.
    private const int LongestKey = 120;

    /// <summary>The signer's time, or the latest time that can be shown.</summary>
    public DateTimeOffset SignedAtTime => SignedAt <= LatestTime ? DateTimeOffset.FromUnixTimeSeconds((long)SignedAt) : DateTimeOffset.MaxValue;

    private static ulong LatestTime => (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>The statement of the stream's bytes, from its position to its end.</summary>
    public static async Task<FileStatement> OfAsync(Stream file, VerifyingKey key, DateTimeOffset now, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        ulong length = 0;
        while (await file.ReadAsync(buffer, cancellation) is > 0 and int read)
        {
            hash.AppendData(buffer, 0, read);
            length += (ulong)read;
        }
        return new FileStatement(key, (ulong)now.ToUnixTimeSeconds(), length, new Digest(hash.GetHashAndReset()));
    }

    /// <summary>FileStatement, as above.</summary>
    /// <exception cref="DecodeException">Malformed, or of another version.</exception>
    public static FileStatement Read(ref TlsReader reader)
    {
        if (reader.ReadUInt16() != Version)
            throw reader.Malformed("not version 1 of a file signature");
        VerifyingKey key = VerifyingKey.FromSpki(reader.ReadOpaque(LongestKey));
        return new FileStatement(key, reader.ReadUInt64(), reader.ReadUInt64(), Digest.Read(ref reader));
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt16(Version);
        writer.WriteOpaque(Key.ToSpki());
        writer.WriteUInt64(SignedAt);
        writer.WriteUInt64(Length);
        Sha256.WriteTo(ref writer);
    }

    /// <summary>Whether the other statement is of the same bytes.</summary>
    public bool IsOfSameBytes(FileStatement other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Length == other.Length && Sha256 == other.Sha256;
    }
}

using System.Security.Cryptography;

namespace HardwareChat.Protocol;

// Nothing is signed bare. The bytes under every signature and every hash of ours are
//
//   "HardwareChat 1 " || label || 0x00 || x
//
// The first byte, 0x48, cannot begin an MLS SignContent (RFC 9420 §5.1.2) whose label has fewer than 64 bytes, so that no
// signature of a session key made inside MLS is one of ours, nor the other way round.

/// <summary>The one form in which bytes are signed and hashed: "HardwareChat 1 ", a label, 0x00, and the bytes.</summary>
public static class Labelled
{
    private static ReadOnlySpan<byte> Prefix => "HardwareChat 1 "u8;

    /// <summary>The labelled bytes: what a signature covers.</summary>
    public static byte[] Bytes(ReadOnlySpan<byte> label, ReadOnlySpan<byte> x) => [.. Prefix, .. label, 0, .. x];

    /// <summary>H(label, x): SHA-256 of the labelled bytes.</summary>
    public static Digest Hash(ReadOnlySpan<byte> label, ReadOnlySpan<byte> x)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Prefix);
        hash.AppendData(label);
        hash.AppendData([0]);
        hash.AppendData(x);
        Span<byte> digest = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(digest);
        return new Digest(digest);
    }
}

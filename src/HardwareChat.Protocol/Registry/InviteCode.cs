using System.Security.Cryptography;
using NSec.Cryptography;

namespace HardwareChat.Protocol;

/// <summary>An invite's 160 random bits. The relay never sees them: it sees a signature by the key that follows from them.</summary>
/// <remarks>Owns its bytes, which are pinned, and zeroed by <see cref="Dispose"/>.</remarks>
public sealed class InviteCode : IDisposable
{
    /// <summary>Bytes of a code.</summary>
    public const int Size = 20;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Size, pinned: true);

    private InviteCode()
    {
    }

    /// <summary>A fresh code.</summary>
    public static InviteCode Generate()
    {
        var code = new InviteCode();
        RandomNumberGenerator.Fill(code._bytes);
        return code;
    }

    /// <summary>The code of these bytes.</summary>
    public static InviteCode FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"An invite code has {Size} bytes.", nameof(bytes));
        var code = new InviteCode();
        bytes.CopyTo(code._bytes);
        return code;
    }

    /// <summary>The code that a person typed.</summary>
    /// <exception cref="Wire.DecodeException">Not an invite code.</exception>
    public static InviteCode Parse(ReadOnlySpan<char> text)
    {
        var code = new InviteCode();
        PaperCode.Parse(PaperCodeKind.Invite, text, code._bytes);
        return code;
    }

    /// <summary>The code for a person to write down.</summary>
    public string ToPaper() => PaperCode.Format(PaperCodeKind.Invite, _bytes);

    /// <summary>The Ed25519 key that the invite statement names; the caller owns it.</summary>
    public Key DeriveKey()
    {
        byte[] seed = GC.AllocateArray<byte>(32, pinned: true);
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, seed, [], Labelled.Bytes(Labels.InviteKey, []));
            return Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>A copy, for another owner.</summary>
    public InviteCode Copy() => FromBytes(_bytes);

    /// <summary>Writes the code's bytes to an invite.</summary>
    internal void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    /// <summary>Zeroes the code.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    /// <summary>Says what it is, and nothing of its bytes.</summary>
    public override string ToString() => "invite code (redacted)";
}

/// <summary>The recovery key of a registry: an Ed25519 key kept on paper, whose public half the genesis names.</summary>
/// <remarks>Owns its seed, which is pinned, and zeroed by <see cref="Dispose"/>.</remarks>
public sealed class RecoveryKey : IDisposable
{
    /// <summary>Bytes of the seed.</summary>
    public const int Size = 32;

    private readonly byte[] _seed = GC.AllocateArray<byte>(Size, pinned: true);

    private RecoveryKey()
    {
    }

    /// <summary>A fresh key.</summary>
    public static RecoveryKey Generate()
    {
        var key = new RecoveryKey();
        RandomNumberGenerator.Fill(key._seed);
        return key;
    }

    /// <summary>The key that a person typed.</summary>
    /// <exception cref="Wire.DecodeException">Not a recovery key.</exception>
    public static RecoveryKey Parse(ReadOnlySpan<char> text)
    {
        var key = new RecoveryKey();
        PaperCode.Parse(PaperCodeKind.Recovery, text, key._seed);
        return key;
    }

    /// <summary>The key for a person to write down.</summary>
    public string ToPaper() => PaperCode.Format(PaperCodeKind.Recovery, _seed);

    /// <summary>The Ed25519 key; the caller owns it.</summary>
    public Key ToKey() => Key.Import(SignatureAlgorithm.Ed25519, _seed, KeyBlobFormat.RawPrivateKey);

    /// <summary>Zeroes the seed.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_seed);

    /// <summary>Says what it is, and nothing of its bytes.</summary>
    public override string ToString() => "recovery key (redacted)";
}

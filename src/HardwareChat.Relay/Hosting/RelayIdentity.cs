using System.Security.Cryptography;
using HardwareChat.Protocol;
using NSec.Cryptography;

namespace HardwareChat.Relay;

/// <summary>The relay's Ed25519 identity: what the invite links pin, the registry names, and checkpoints are signed with.</summary>
/// <remarks>One file of 32 bytes, readable by its owner alone. All processes of a cluster share it. Owns its keys.</remarks>
public sealed class RelayIdentity : IDisposable
{
    private const int SeedSize = 32;
    private const int TicketKeySize = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private RelayIdentity(ReadOnlySpan<byte> seed)
    {
        RelayKey = Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        PublicKey = new Digest(RelayKey.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        Receipts = new Receipts(seed);
        TicketKey = GC.AllocateArray<byte>(TicketKeySize, pinned: true);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, TicketKey, [], Labelled.Bytes("blob ticket key"u8, []));
    }

    /// <summary>The private key; never exported.</summary>
    public Key RelayKey { get; }

    /// <summary>relay_key.</summary>
    public Digest PublicKey { get; }

    /// <summary>The relay's name.</summary>
    public RelayId Id => RelayId.OfKey(PublicKey.ToArray());

    /// <summary>The relay's receipts.</summary>
    public Receipts Receipts { get; }

    /// <summary>Authenticates the tickets of the blob endpoints.</summary>
    internal byte[] TicketKey { get; }

    /// <summary>The identity in this file; a new one where there is no file.</summary>
    /// <exception cref="InvalidDataException">The file is not an identity, or others can read it.</exception>
    public static RelayIdentity LoadOrCreate(string path)
    {
        byte[] seed = GC.AllocateArray<byte>(SeedSize, pinned: true);
        try
        {
            if (!File.Exists(path))
                Create(path);
            Load(path, seed);
            return new RelayIdentity(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Zeroes the keys.</summary>
    public void Dispose()
    {
        RelayKey.Dispose();
        Receipts.Dispose();
        CryptographicOperations.ZeroMemory(TicketKey);
    }

    // Written beside, flushed, and moved into place: a crash leaves a whole identity or none.
    private static void Create(string path)
    {
        byte[] seed = GC.AllocateArray<byte>(SeedSize, pinned: true);
        string beside = path + ".new";
        try
        {
            RandomNumberGenerator.Fill(seed);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerOnly;
            using (var file = new FileStream(beside, options))
            {
                file.Write(seed);
                file.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    private static void Load(string path, Span<byte> seed)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
            throw new InvalidDataException($"{path} can be read by others: it holds the relay's identity, and must have mode 600");
        using FileStream file = File.OpenRead(path);
        if (file.Length != SeedSize)
            throw new InvalidDataException($"{path} is not a relay identity: it has {file.Length} bytes, not {SeedSize}");
        file.ReadExactly(seed);
    }
}

using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

// code         128 random bits, on paper (PaperCodeKind.Vault)
// private key  X25519: HKDF-SHA256(salt: empty, ikm: code, info: "HardwareChat 1 vault recovery" || 0x00, 32)
//
// A key pair and not a key: the vault can be wrapped to it again at each re-key without the paper at hand, and keeps nothing secret of it.
// There is no variant for a phrase that a person chooses: guessing it would need the file alone, for as long as the file exists.

/// <summary>What opens a vault when every token is lost: 128 random bits, written on paper.</summary>
public sealed class RecoveryCode : IDisposable
{
    private readonly Secret _code;
    private readonly Key _key;

    private RecoveryCode(Secret code)
    {
        _code = code;
        byte[] derived = GC.AllocateArray<byte>(32, pinned: true);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, code.Span, derived, [], Labelled.Bytes(Labels.VaultRecovery, []));
        _key = Key.Import(KeyAgreementAlgorithm.X25519, derived, KeyBlobFormat.RawPrivateKey);
        CryptographicOperations.ZeroMemory(derived);
        byte[] publicKey = _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        PublicKey = PivPublicKey.FromPoint(PivAlgorithm.X25519, publicKey);
        Id = Labelled.Hash(Labels.VaultRecoveryId, publicKey);
    }

    /// <summary>A fresh code.</summary>
    public static RecoveryCode Create() => new(Secret.Random(PaperCode.SizeOf(PaperCodeKind.Vault)));

    /// <summary>The code that a person typed.</summary>
    /// <exception cref="DecodeException">It is none: a wrong character, length or checksum.</exception>
    public static RecoveryCode Parse(ReadOnlySpan<char> text)
    {
        Span<byte> code = stackalloc byte[PaperCode.SizeOf(PaperCodeKind.Vault)];
        PaperCode.Parse(PaperCodeKind.Vault, text, code);
        var parsed = new RecoveryCode(Secret.CopyOf(code));
        CryptographicOperations.ZeroMemory(code);
        return parsed;
    }

    /// <summary>The code as it is written on paper. It is meant to be shown once, so it is a string, and whoever asks for it answers for it.</summary>
    public string Format() => PaperCode.Format(PaperCodeKind.Vault, _code.Span);

    /// <inheritdoc/>
    public void Dispose()
    {
        _code.Dispose();
        _key.Dispose();
    }

    /// <summary>Says that it is a secret, and nothing of it.</summary>
    public override string ToString() => "(secret)";

    internal PivPublicKey PublicKey { get; }

    internal Digest Id { get; }

    internal Secret Agree(ReadOnlySpan<byte> ephemeral)
        => EphemeralAgreement.Agree(_key, NSec.Cryptography.PublicKey.Import(KeyAgreementAlgorithm.X25519, ephemeral, KeyBlobFormat.RawPublicKey));
}

using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using NSec.Cryptography;

namespace HardwareChat.Tokens.Simulator.Keys;

/// <summary>An X25519 key, from firmware 5.7 on.</summary>
internal sealed class X25519Key : KeyMaterial
{
    private readonly Key _key;

    private X25519Key(Key key) => _key = key;

    public override PivAlgorithm Algorithm => PivAlgorithm.X25519;

    public override byte[] PublicKeyTemplate => BerTlvWriter.Encode(0x86, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public override byte[] SubjectPublicKeyInfo => _key.PublicKey.Export(KeyBlobFormat.PkixPublicKey);

    public static X25519Key Generate() =>
        new(Key.Create(KeyAgreementAlgorithm.X25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }));

    /// <summary>The key of these 32 bytes, or <see langword="null"/> if there are more or fewer.</summary>
    public static X25519Key? Import(ReadOnlySpan<byte> privateKey) =>
        Key.TryImport(
            KeyAgreementAlgorithm.X25519,
            privateKey,
            KeyBlobFormat.RawPrivateKey,
            out Key? key,
            new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }) && key is not null
            ? new X25519Key(key)
            : null;

    public override byte[] ExportPrivate() => _key.Export(KeyBlobFormat.RawPrivateKey);

    // RFC 7748 §6.1: a point of small order gives an all-zero secret, and is refused.
    public override byte[]? Agree(ReadOnlySpan<byte> point)
    {
        if (!PublicKey.TryImport(KeyAgreementAlgorithm.X25519, point, KeyBlobFormat.RawPublicKey, out PublicKey? theirs) || theirs is null)
            return null;
        var parameters = new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
        using SharedSecret? secret = KeyAgreementAlgorithm.X25519.Agree(_key, theirs, parameters);
        return secret?.Export(SharedSecretBlobFormat.RawSharedSecret);
    }

    public override void Dispose() => _key.Dispose();
}

using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using NSec.Cryptography;

namespace HardwareChat.Tokens.Simulator.Keys;

/// <summary>An Ed25519 key, from firmware 5.7 on: it signs the message itself, so the message must reach the card whole.</summary>
internal sealed class Ed25519Key : KeyMaterial
{
    private readonly Key _key;

    private Ed25519Key(Key key) => _key = key;

    public override PivAlgorithm Algorithm => PivAlgorithm.Ed25519;

    public override byte[] PublicKeyTemplate => BerTlvWriter.Encode(0x86, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public override byte[] SubjectPublicKeyInfo => _key.PublicKey.Export(KeyBlobFormat.PkixPublicKey);

    public static Ed25519Key Generate() =>
        new(Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }));

    /// <summary>The key of this seed, or <see langword="null"/> if it is not 32 bytes.</summary>
    public static Ed25519Key? Import(ReadOnlySpan<byte> seed) =>
        Key.TryImport(
            SignatureAlgorithm.Ed25519,
            seed,
            KeyBlobFormat.RawPrivateKey,
            out Key? key,
            new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }) && key is not null
            ? new Ed25519Key(key)
            : null;

    public override byte[] ExportPrivate() => _key.Export(KeyBlobFormat.RawPrivateKey);

    public override byte[]? Sign(ReadOnlySpan<byte> input) => SignatureAlgorithm.Ed25519.Sign(_key, input);

    public override void Dispose() => _key.Dispose();
}

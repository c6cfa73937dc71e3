using System.Security.Cryptography;
using System.Text;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

// struct {
//   uint16        version = 1;
//   RecipientKind kind;
//   opaque        hint[16];       // first bytes of H("vault hint", vault id || recipient id): says to whom only to those who know both
//   opaque        label<V>;       // what a person calls the recipient, or nothing
//   PivAlgorithm  algorithm;      // uint8: P-256, P-384 or X25519
//   opaque        ephemeral<V>;   // e
//   opaque        wrapped[48];    // ChaCha20-Poly1305(KEK, nonce: zeros, vault key, ad: "HardwareChat 1 vault wrapping" || 0x00 || vault id || all fields above)
// } KeyWrapping;
//
// KEK = HKDF-SHA256(salt: empty, ikm: ECDH(e, recipient's key), info: "HardwareChat 1 vault" || 0x00 || recipient id || e, 32)
//
// Each wrapping has its own e, so that its KEK seals once and the nonce may be constant.

/// <summary>A vault key under one recipient's public key, as it lies in the file, in the clear.</summary>
public sealed class KeyWrapping : ITlsSerializable
{
    private const ushort CurrentVersion = 1;
    private const int HintSize = 16;
    private const int WrappedSize = VaultKeys.Size + 16;
    private const int MaxEphemeral = 97;

    private readonly byte[] _hint;
    private readonly byte[] _ephemeral;
    private readonly byte[] _wrapped;

    private KeyWrapping(RecipientKind kind, byte[] hint, string label, PivAlgorithm algorithm, byte[] ephemeral, byte[] wrapped)
    {
        Kind = kind;
        Label = label;
        Algorithm = algorithm;
        _hint = hint;
        _ephemeral = ephemeral;
        _wrapped = wrapped;
    }

    /// <summary>Token or recovery code.</summary>
    public RecipientKind Kind { get; }

    /// <summary>What the person calls the recipient; unauthenticated until the vault is open.</summary>
    public string Label { get; }

    /// <summary>e, which the token's 9D key is to agree with.</summary>
    public PivPublicKey Ephemeral => PivPublicKey.FromPoint(Algorithm, _ephemeral);

    internal PivAlgorithm Algorithm { get; }

    internal ReadOnlySpan<byte> EphemeralBytes => _ephemeral;

    internal static KeyWrapping Create(Secret vaultKey, byte[] vaultId, VaultRecipient recipient)
    {
        using Secret agreed = EphemeralAgreement.Create(recipient.Key, out byte[] ephemeral);
        var wrapping = new KeyWrapping(recipient.Kind, HintOf(vaultId, recipient.Id), recipient.Label, recipient.Key.Algorithm, ephemeral, new byte[WrappedSize]);
        using Key kek = wrapping.DeriveKek(agreed.Span, recipient.Id);
        AeadAlgorithm.ChaCha20Poly1305.Encrypt(kek, new byte[12], wrapping.Ad(vaultId), vaultKey.Span, wrapping._wrapped);
        return wrapping;
    }

    internal bool IsFor(byte[] vaultId, Digest recipient) => HintOf(vaultId, recipient).AsSpan().SequenceEqual(_hint);

    /// <summary>The wrapped key, which the caller disposes; <see langword="null"/> where the agreed secret is not this recipient's.</summary>
    internal Secret? Open(byte[] vaultId, Digest recipient, ReadOnlySpan<byte> agreed)
    {
        using Key kek = DeriveKek(agreed, recipient);
        byte[] root = GC.AllocateArray<byte>(VaultKeys.Size, pinned: true);
        bool opened = AeadAlgorithm.ChaCha20Poly1305.Decrypt(kek, new byte[12], Ad(vaultId), _wrapped, root);
        Secret? key = opened ? Secret.CopyOf(root) : null;
        CryptographicOperations.ZeroMemory(root);
        return key;
    }

    internal static KeyWrapping Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        KeyWrapping wrapping = Read(ref reader);
        reader.ThrowIfNotEmpty();
        return wrapping;
    }

    internal static KeyWrapping Read(ref TlsReader reader)
    {
        if (reader.ReadUInt16() != CurrentVersion)
            throw reader.Malformed("no such version of a wrapping");
        RecipientKind kind = VaultRecipient.ReadKind(ref reader);
        byte[] hint = reader.ReadFixed(HintSize).ToArray();
        string label = TextField.Read(ref reader, VaultRecipient.MaxLabel);
        var algorithm = (PivAlgorithm)reader.ReadUInt8();
        byte[] ephemeral = reader.ReadOpaque(MaxEphemeral).ToArray();
        if (algorithm is not (PivAlgorithm.EccP256 or PivAlgorithm.EccP384 or PivAlgorithm.X25519))
            throw reader.Malformed("no algorithm of key agreement");
        // A point off the curve would ask a card that does not look for parts of its private key.
        if (!EphemeralAgreement.IsOnCurve(PivPublicKey.FromPoint(algorithm, ephemeral)))
            throw reader.Malformed("no point of its curve");
        return new KeyWrapping(kind, hint, label, algorithm, ephemeral, reader.ReadFixed(WrappedSize).ToArray());
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        WriteHead(ref writer);
        writer.WriteFixed(_wrapped);
    }

    /// <summary>Fuzz entry: any bytes are a wrapping that encodes to the same bytes, or a <see cref="DecodeException"/>.</summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        KeyWrapping wrapping = Decode(data);
        if (!TlsWriter.Encode(wrapping).AsSpan().SequenceEqual(data))
            throw new InvalidOperationException("a wrapping did not survive its own encoding");
    }

    private static byte[] HintOf(byte[] vaultId, Digest recipient)
        => Labelled.Hash(Labels.VaultHint, [.. vaultId, .. recipient.ToArray()]).ToArray()[..HintSize];

    private void WriteHead(ref TlsWriter writer)
    {
        writer.WriteUInt16(CurrentVersion);
        writer.WriteUInt8((byte)Kind);
        writer.WriteFixed(_hint);
        writer.WriteOpaque(Encoding.UTF8.GetBytes(Label));
        writer.WriteUInt8((byte)Algorithm);
        writer.WriteOpaque(_ephemeral);
    }

    private byte[] Ad(byte[] vaultId)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteFixed(vaultId);
        WriteHead(ref writer);
        return Labelled.Bytes(Labels.VaultWrapping, buffer.WrittenSpan);
    }

    private Key DeriveKek(ReadOnlySpan<byte> agreed, Digest recipient)
    {
        byte[] kek = GC.AllocateArray<byte>(VaultKeys.Size, pinned: true);
        byte[] info = Labelled.Bytes(Labels.Vault, [.. recipient.ToArray(), .. _ephemeral]);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, agreed, kek, [], info);
        Key key = Key.Import(AeadAlgorithm.ChaCha20Poly1305, kek, KeyBlobFormat.RawSymmetricKey);
        CryptographicOperations.ZeroMemory(kek);
        return key;
    }
}

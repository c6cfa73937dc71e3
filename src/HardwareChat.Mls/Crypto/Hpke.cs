using System.Security.Cryptography;

namespace HardwareChat.Mls;

// HPKE (RFC 9180) in its base mode, as far as MLS needs it: one sealed value a context, and the exporter for external joins.
//
//   def KeySchedule<ROLE>(mode, shared_secret, info, psk, psk_id):            (§5.1; base mode: mode = 0, psk and psk_id empty)
//     psk_id_hash = LabeledExtract("", "psk_id_hash", psk_id)
//     info_hash = LabeledExtract("", "info_hash", info)
//     key_schedule_context = concat(mode, psk_id_hash, info_hash)
//     secret = LabeledExtract(shared_secret, "secret", psk)
//     key = LabeledExpand(secret, "key", key_schedule_context, Nk)
//     base_nonce = LabeledExpand(secret, "base_nonce", key_schedule_context, Nn)
//     exporter_secret = LabeledExpand(secret, "exp", key_schedule_context, Nh)
//
// The nonce of the first message is base_nonce itself (§5.2: sequence number 0). Everything derived here lives for one call.

/// <summary>HPKE base mode for one KEM, KDF and AEAD.</summary>
internal sealed class Hpke
{
    private const byte ModeBase = 0x00;

    private readonly LabeledKdf _kdf;
    private readonly Aead _aead;
    private readonly byte[] _pskIdHash;

    public Hpke(Kem kem, Kdf kdf, Aead aead)
    {
        Kem = kem;
        _aead = aead;
        _kdf = new LabeledKdf(kdf,
        [
            (byte)'H', (byte)'P', (byte)'K', (byte)'E',
            (byte)(kem.Id >> 8), (byte)(kem.Id & 0xFF),
            (byte)(kdf.Id >> 8), (byte)(kdf.Id & 0xFF),
            (byte)(aead.Id >> 8), (byte)(aead.Id & 0xFF),
        ]);
        _pskIdHash = new byte[kdf.HashLength];
        _kdf.Extract([], "psk_id_hash"u8, [], _pskIdHash);
    }

    public Kem Kem { get; }

    /// <summary>key_schedule_context of an info: public, and worth keeping where one info goes to many recipients.</summary>
    public byte[] KeyScheduleContext(ReadOnlySpan<byte> info)
    {
        byte[] context = new byte[1 + (2 * _kdf.HashLength)];
        context[0] = ModeBase;
        _pskIdHash.CopyTo(context.AsSpan(1));
        _kdf.Extract([], "info_hash"u8, info, context.AsSpan(1 + _kdf.HashLength));
        return context;
    }

    /// <summary>SealBase with an empty aad; null if the public key is none.</summary>
    public HpkeCiphertext? Seal(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> keyScheduleContext, ReadOnlySpan<byte> plaintext)
    {
        byte[] enc = new byte[Kem.OutputLength];
        Span<byte> shared = stackalloc byte[Kem.SharedSecretLength];
        try
        {
            if (!Kem.TryEncapsulate(publicKey, enc, shared))
                return null;
            return new HpkeCiphertext(enc, SealWith(shared, keyScheduleContext, [], plaintext));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(shared);
        }
    }

    /// <summary>OpenBase with an empty aad; null if the ciphertext is not one for this key and context.</summary>
    public Secret? Open(
        ReadOnlySpan<byte> kemOutput, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> keyScheduleContext, ReadOnlySpan<byte> ciphertext)
    {
        Span<byte> shared = stackalloc byte[Kem.SharedSecretLength];
        try
        {
            return Kem.TryDecapsulate(kemOutput, privateKey, shared) ? OpenWith(shared, keyScheduleContext, [], ciphertext) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(shared);
        }
    }

    /// <summary>SendExportBase: a shared secret and the KEM output that gives it to the key's owner; null if the public key is none.</summary>
    public (byte[] KemOutput, Secret Exported)? SendExport(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> exporterContext, int length)
    {
        byte[] enc = new byte[Kem.OutputLength];
        Span<byte> shared = stackalloc byte[Kem.SharedSecretLength];
        try
        {
            if (!Kem.TryEncapsulate(publicKey, enc, shared))
                return null;
            return (enc, ExportWith(shared, KeyScheduleContext(info), exporterContext, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(shared);
        }
    }

    /// <summary>ReceiveExportBase; null if the KEM output is none.</summary>
    public Secret? ReceiveExport(
        ReadOnlySpan<byte> kemOutput, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> exporterContext, int length)
    {
        Span<byte> shared = stackalloc byte[Kem.SharedSecretLength];
        try
        {
            if (!Kem.TryDecapsulate(kemOutput, privateKey, shared))
                return null;
            return ExportWith(shared, KeyScheduleContext(info), exporterContext, length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(shared);
        }
    }

    internal byte[] SealWith(
        ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> context, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> key = stackalloc byte[_aead.KeyLength];
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        DeriveKey(sharedSecret, context, key, nonce);
        byte[] ciphertext = new byte[plaintext.Length + Aead.TagLength];
        _aead.Seal(key, nonce, associated, plaintext, ciphertext);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(nonce);
        return ciphertext;
    }

    internal Secret? OpenWith(
        ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> context, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < Aead.TagLength)
            return null;
        Span<byte> key = stackalloc byte[_aead.KeyLength];
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        DeriveKey(sharedSecret, context, key, nonce);
        Secret plaintext = Secret.Zero(ciphertext.Length - Aead.TagLength);
        bool authentic = _aead.TryOpen(key, nonce, associated, ciphertext, plaintext.WritableSpan);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(nonce);
        if (authentic)
            return plaintext;
        plaintext.Dispose();
        return null;
    }

    internal Secret ExportWith(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> context, ReadOnlySpan<byte> exporterContext, int length)
    {
        Span<byte> secret = stackalloc byte[_kdf.HashLength];
        Span<byte> exporterSecret = stackalloc byte[_kdf.HashLength];
        _kdf.Extract(sharedSecret, "secret"u8, [], secret);
        _kdf.Expand(secret, "exp"u8, context, exporterSecret);

        // RFC 9180 §5.3: Context.Export(exporter_context, L) = LabeledExpand(exporter_secret, "sec", exporter_context, L)
        Secret exported = Secret.Zero(length);
        _kdf.Expand(exporterSecret, "sec"u8, exporterContext, exported.WritableSpan);
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(exporterSecret);
        return exported;
    }

    private void DeriveKey(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> context, Span<byte> key, Span<byte> nonce)
    {
        Span<byte> secret = stackalloc byte[_kdf.HashLength];
        _kdf.Extract(sharedSecret, "secret"u8, [], secret);
        _kdf.Expand(secret, "key"u8, context, key);
        _kdf.Expand(secret, "base_nonce"u8, context, nonce);
        CryptographicOperations.ZeroMemory(secret);
    }
}

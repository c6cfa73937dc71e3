using System.Security.Cryptography;

namespace HardwareChat.Mls;

// RFC 9180 §4.1
//
//   def ExtractAndExpand(dh, kem_context):
//     eae_prk = LabeledExtract("", "eae_prk", dh)
//     return LabeledExpand(eae_prk, "shared_secret", kem_context, Nsecret)
//
//   def Encap(pkR):                               def Decap(enc, skR):
//     skE, pkE = GenerateKeyPair()                  pkE = DeserializePublicKey(enc)
//     dh = DH(skE, pkR)                             dh = DH(skR, pkE)
//     enc = SerializePublicKey(pkE)                 pkRm = SerializePublicKey(pk(skR))
//     kem_context = concat(enc, pkRm)               kem_context = concat(enc, pkRm)
//     return ExtractAndExpand(dh, kem_context)      return ExtractAndExpand(dh, kem_context)

/// <summary>The KEM made of a Diffie-Hellman group and HKDF (RFC 9180 §4.1).</summary>
internal abstract class DhKem : Kem
{
    protected DhKem(ushort id, Kdf kdf)
    {
        Id = id;
        Kdf = new LabeledKdf(kdf, [(byte)'K', (byte)'E', (byte)'M', (byte)(id >> 8), (byte)(id & 0xFF)]);
    }

    public override ushort Id { get; }

    public override int SharedSecretLength => Kdf.HashLength;

    public override int OutputLength => PublicKeyLength;

    protected LabeledKdf Kdf { get; }

    /// <summary>Ndh, in bytes.</summary>
    protected abstract int DhLength { get; }

    public override bool TryEncapsulate(ReadOnlySpan<byte> publicKey, Span<byte> output, Span<byte> sharedSecret)
    {
        Span<byte> ephemeral = stackalloc byte[PrivateKeyLength];
        try
        {
            GeneratePrivateKey(ephemeral);
            return TryEncapsulate(ephemeral, publicKey, output, sharedSecret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ephemeral);
        }
    }

    /// <summary>Encap with a given skE, for which the RFC's test vectors ask.</summary>
    internal bool TryEncapsulate(ReadOnlySpan<byte> ephemeral, ReadOnlySpan<byte> publicKey, Span<byte> output, Span<byte> sharedSecret)
    {
        Span<byte> dh = stackalloc byte[DhLength];
        try
        {
            if (publicKey.Length != PublicKeyLength || !TryDh(ephemeral, publicKey, dh, output))
                return false;
            ExtractAndExpand(dh, output, publicKey, sharedSecret);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dh);
        }
    }

    public override bool TryDecapsulate(ReadOnlySpan<byte> output, ReadOnlySpan<byte> privateKey, Span<byte> sharedSecret)
    {
        Span<byte> dh = stackalloc byte[DhLength];
        Span<byte> publicKey = stackalloc byte[PublicKeyLength];
        try
        {
            if (output.Length != OutputLength || privateKey.Length != PrivateKeyLength || !TryDh(privateKey, output, dh, publicKey))
                return false;
            ExtractAndExpand(dh, output, publicKey, sharedSecret);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dh);
        }
    }

    /// <summary>A random private key of Nsk bytes.</summary>
    protected abstract void GeneratePrivateKey(Span<byte> privateKey);

    /// <summary>DH(skX, pkY) and pk(skX), or false if either is no key or the result one that RFC 9180 §7.1.4 refuses.</summary>
    /// <param name="privateKey">skX, Nsk bytes.</param>
    /// <param name="publicKey">pkY, Npk bytes.</param>
    /// <param name="dh">Ndh bytes, written.</param>
    /// <param name="ownPublicKey">pk(skX), Npk bytes, written.</param>
    protected abstract bool TryDh(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> dh, Span<byte> ownPublicKey);

    private void ExtractAndExpand(ReadOnlySpan<byte> dh, ReadOnlySpan<byte> enc, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        Span<byte> context = stackalloc byte[enc.Length + publicKey.Length];
        enc.CopyTo(context);
        publicKey.CopyTo(context[enc.Length..]);
        Span<byte> prk = stackalloc byte[Kdf.HashLength];
        Kdf.Extract([], "eae_prk"u8, dh, prk);
        Kdf.Expand(prk, "shared_secret"u8, context, sharedSecret);
        CryptographicOperations.ZeroMemory(prk);
    }
}

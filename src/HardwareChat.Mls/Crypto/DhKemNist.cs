using System.Security.Cryptography;

namespace HardwareChat.Mls;

/// <summary>DHKEM over P-256, P-384 or P-521 (RFC 9180 §7.1), by the platform's ECDH.</summary>
internal sealed class DhKemNist : DhKem
{
    public static readonly DhKemNist P256 = new(0x0010, NistCurve.P256, Mls.Kdf.HkdfSha256);
    public static readonly DhKemNist P384 = new(0x0011, NistCurve.P384, Mls.Kdf.HkdfSha384);
    public static readonly DhKemNist P521 = new(0x0012, NistCurve.P521, Mls.Kdf.HkdfSha512);

    private readonly NistCurve _curve;

    private DhKemNist(ushort id, NistCurve curve, Kdf kdf)
        : base(id, kdf) => _curve = curve;

    public override int PublicKeyLength => _curve.PointLength;

    public override int PrivateKeyLength => _curve.CoordinateLength;

    protected override int DhLength => _curve.CoordinateLength;

    // RFC 9180 §7.1.3
    //
    //   dkp_prk = LabeledExtract("", "dkp_prk", ikm)
    //   sk = 0, counter = 0
    //   while sk == 0 or sk >= order:
    //     if counter > 255: raise DeriveKeyPairError
    //     bytes = LabeledExpand(dkp_prk, "candidate", I2OSP(counter, 1), Nsk)
    //     bytes[0] = bytes[0] & bitmask
    //     sk = OS2IP(bytes)
    //     counter = counter + 1
    public override HpkeKeyPair DeriveKeyPair(ReadOnlySpan<byte> ikm)
    {
        Span<byte> prk = stackalloc byte[Kdf.HashLength];
        Kdf.Extract([], "dkp_prk"u8, ikm, prk);
        Secret candidate = Secret.Zero(PrivateKeyLength);
        int counter = 0;
        do
        {
            if (counter > byte.MaxValue)
                throw new CryptographicException("no private key in 256 candidates: the hash function is broken");
            Kdf.Expand(prk, "candidate"u8, [(byte)counter], candidate.WritableSpan);
            candidate.WritableSpan[0] &= _curve.TopByteMask;
            counter++;
        }
        while (!_curve.IsScalar(candidate.Span));

        CryptographicOperations.ZeroMemory(prk);
        return Pair(candidate);
    }

    public override HpkeKeyPair ImportPrivateKey(ReadOnlySpan<byte> privateKey)
        => Pair(_curve.ReadScalar(privateKey) ?? throw new ArgumentException("not a private key of the curve", nameof(privateKey)));

    public override bool IsPublicKey(ReadOnlySpan<byte> publicKey) => _curve.IsPoint(publicKey);

    protected override void GeneratePrivateKey(Span<byte> privateKey)
    {
        do
        {
            RandomNumberGenerator.Fill(privateKey);
            privateKey[0] &= _curve.TopByteMask;
        }
        while (!_curve.IsScalar(privateKey));
    }

    // RFC 9180 §7.1.4: "the sender and recipient MUST perform partial public key validation on all public key inputs".
    protected override bool TryDh(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> dh, Span<byte> ownPublicKey)
    {
        if (!_curve.IsScalar(privateKey) || !_curve.IsPoint(publicKey))
            return false;

        // One import for both answers: the platform computes the public key on the way.
        using ECDiffieHellman own = Import(privateKey);
        using var other = ECDiffieHellman.Create(new ECParameters { Curve = _curve.Named, Q = _curve.ReadPoint(publicKey) });
        using ECDiffieHellmanPublicKey otherPublic = other.PublicKey;
        byte[] shared = own.DeriveRawSecretAgreement(otherPublic);
        shared.CopyTo(dh);
        CryptographicOperations.ZeroMemory(shared);
        _curve.WritePoint(own.ExportParameters(includePrivateParameters: false).Q, ownPublicKey);
        return true;
    }

    private ECDiffieHellman Import(ReadOnlySpan<byte> privateKey)
    {
        byte[] scalar = GC.AllocateUninitializedArray<byte>(privateKey.Length, pinned: true);
        try
        {
            privateKey.CopyTo(scalar);
            return ECDiffieHellman.Create(new ECParameters { Curve = _curve.Named, D = scalar });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    private HpkeKeyPair Pair(Secret ownedPrivateKey)
    {
        byte[] publicKey = new byte[PublicKeyLength];
        using (ECDiffieHellman key = Import(ownedPrivateKey.Span))
            _curve.WritePoint(key.ExportParameters(includePrivateParameters: false).Q, publicKey);
        return new HpkeKeyPair(new HpkePrivateKey(ownedPrivateKey), new HpkePublicKey(publicKey));
    }
}

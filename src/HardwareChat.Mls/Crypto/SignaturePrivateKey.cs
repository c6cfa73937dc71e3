using System.Security.Cryptography;

namespace HardwareChat.Mls;

/// <summary>A signature key in memory: the signer of members whose key is not on a token. Disposing of it erases the key.</summary>
public sealed class SignaturePrivateKey : IMlsSigner, IDisposable
{
    private const int SeedLength = 32;

    // Ed25519: the seed of RFC 8032. ECDSA: the scalar, big-endian, as long as a coordinate.
    private readonly Secret _secret;

    // Ed25519 only: libsodium's form.
    private readonly Secret? _expanded;

    private SignaturePrivateKey(SignatureScheme scheme, Secret ownedSecret)
    {
        Scheme = scheme;
        _secret = ownedSecret;
        if (scheme == SignatureScheme.Ed25519)
        {
            _expanded = Secret.Zero(64);
            Span<byte> publicKey = stackalloc byte[32];
            Sodium.Ed25519FromSeed(_secret.Span, publicKey, _expanded.WritableSpan);
            PublicKey = new SignaturePublicKey(publicKey);
        }
        else
        {
            NistCurve curve = SignatureAlgorithm.CurveOf(scheme);
            using ECDsa key = Import(curve);
            byte[] point = new byte[curve.PointLength];
            curve.WritePoint(key.ExportParameters(includePrivateParameters: false).Q, point);
            PublicKey = new SignaturePublicKey(point);
        }
    }

    /// <inheritdoc/>
    public SignatureScheme Scheme { get; }

    /// <inheritdoc/>
    public SignaturePublicKey PublicKey { get; }

    /// <summary>A fresh key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such scheme.</exception>
    public static SignaturePrivateKey Generate(SignatureScheme scheme)
    {
        if (scheme == SignatureScheme.Ed25519)
            return new SignaturePrivateKey(scheme, Secret.Random(SeedLength));

        NistCurve curve = SignatureAlgorithm.CurveOf(scheme);
        Secret scalar = Secret.Random(curve.CoordinateLength);
        scalar.WritableSpan[0] &= curve.TopByteMask;
        while (!curve.IsScalar(scalar.Span))
        {
            RandomNumberGenerator.Fill(scalar.WritableSpan);
            scalar.WritableSpan[0] &= curve.TopByteMask;
        }

        return new SignaturePrivateKey(scheme, scalar);
    }

    /// <summary>A key of a copy of the bytes that <see cref="Export"/> gave: an Ed25519 seed, or a scalar as long as a coordinate.</summary>
    /// <exception cref="ArgumentException">Not a private key of the scheme.</exception>
    public static SignaturePrivateKey Import(SignatureScheme scheme, ReadOnlySpan<byte> privateKey)
    {
        Secret? secret = scheme == SignatureScheme.Ed25519
            ? privateKey.Length == SeedLength ? Secret.CopyOf(privateKey) : null
            : SignatureAlgorithm.CurveOf(scheme).ReadScalar(privateKey);
        if (secret is null)
            throw new ArgumentException("not a private key of the scheme", nameof(privateKey));
        return new SignaturePrivateKey(scheme, secret);
    }

    /// <summary>The private key, for safe keeping; the caller disposes of it.</summary>
    public Secret Export() => _secret.Copy();

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> signContent)
    {
        if (_expanded is not null)
        {
            byte[] signature = new byte[64];
            Sodium.Ed25519Sign(_expanded.Span, signContent, signature);
            return signature;
        }

        NistCurve curve = SignatureAlgorithm.CurveOf(Scheme);
        using ECDsa key = Import(curve);
        return key.SignData(signContent, curve.Hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _secret.Dispose();
        _expanded?.Dispose();
    }

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => $"{Scheme} private key";

    private ECDsa Import(NistCurve curve)
    {
        byte[] scalar = GC.AllocateUninitializedArray<byte>(_secret.Length, pinned: true);
        try
        {
            _secret.Span.CopyTo(scalar);
            return ECDsa.Create(new ECParameters { Curve = curve.Named, D = scalar });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }
}

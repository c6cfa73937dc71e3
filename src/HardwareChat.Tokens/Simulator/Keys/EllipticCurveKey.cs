using System.Security.Cryptography;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Simulator.Keys;

/// <summary>A key on P-256 or P-384: ECDSA over a digest that the host made, and ECDH.</summary>
internal sealed class EllipticCurveKey : KeyMaterial
{
    private const byte Uncompressed = 0x04;

    private readonly ECCurve _curve;
    private readonly int _fieldSize;
    private readonly CardSecret _scalar;
    private readonly ECPoint _point;

    private EllipticCurveKey(PivAlgorithm algorithm, ECCurve curve, ECParameters parameters)
    {
        Algorithm = algorithm;
        _curve = curve;
        _fieldSize = FieldSize(algorithm);
        _scalar = new CardSecret(parameters.D);
        _point = parameters.Q;
    }

    public override PivAlgorithm Algorithm { get; }

    public override byte[] PublicKeyTemplate => BerTlvWriter.Encode(0x86, Point());

    public override byte[] SubjectPublicKeyInfo
    {
        get
        {
            using var key = ECDsa.Create(new ECParameters { Curve = _curve, Q = _point });
            return key.ExportSubjectPublicKeyInfo();
        }
    }

    public static EllipticCurveKey Generate(PivAlgorithm algorithm)
    {
        ECCurve curve = CurveOf(algorithm);
        using var key = ECDsa.Create(curve);
        return FromParameters(algorithm, curve, key.ExportParameters(includePrivateParameters: true));
    }

    /// <summary>The key with this scalar, or <see langword="null"/> if the bytes are no scalar of the curve.</summary>
    public static EllipticCurveKey? Import(PivAlgorithm algorithm, ReadOnlySpan<byte> scalar)
    {
        if (scalar.Length != FieldSize(algorithm))
            return null;
        ECCurve curve = CurveOf(algorithm);
        byte[] copy = scalar.ToArray();
        try
        {
            using var key = ECDsa.Create(new ECParameters { Curve = curve, D = copy });
            return FromParameters(algorithm, curve, key.ExportParameters(includePrivateParameters: true));
        }
        catch (CryptographicException)
        {
            return null; // zero, or not below the order
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    public override byte[] ExportPrivate() => _scalar.Span.ToArray();

    // SP 800-73-4 Part 2 §3.2.4: the challenge is the hash; FIPS 186-4 §6.4 takes its leftmost bits.
    public override byte[]? Sign(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty || input.Length > _fieldSize)
            return null;
        return WithPrivateParameters(input.ToArray(), static (parameters, digest) =>
        {
            using var key = ECDsa.Create(parameters);
            return key.SignHash(digest, DSASignatureFormat.Rfc3279DerSequence);
        });
    }

    public override byte[]? Agree(ReadOnlySpan<byte> point)
    {
        if (point.Length != 1 + (2 * _fieldSize) || point[0] != Uncompressed)
            return null;
        var theirs = new ECParameters
        {
            Curve = _curve,
            Q = new ECPoint { X = point.Slice(1, _fieldSize).ToArray(), Y = point[(1 + _fieldSize)..].ToArray() },
        };
        try
        {
            return WithPrivateParameters(theirs, static (parameters, theirs) =>
            {
                using var ours = ECDiffieHellman.Create(parameters);
                using var peer = ECDiffieHellman.Create(theirs);
                return ours.DeriveRawSecretAgreement(peer.PublicKey);
            });
        }
        catch (CryptographicException)
        {
            return null; // the point is not on the curve
        }
    }

    public override void Dispose() => _scalar.Dispose();

    private static EllipticCurveKey FromParameters(PivAlgorithm algorithm, ECCurve curve, ECParameters parameters)
    {
        try
        {
            return new EllipticCurveKey(algorithm, curve, parameters);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    private TResult WithPrivateParameters<TState, TResult>(TState state, Func<ECParameters, TState, TResult> use)
    {
        byte[] scalar = _scalar.Span.ToArray();
        try
        {
            return use(new ECParameters { Curve = _curve, Q = _point, D = scalar }, state);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    private byte[] Point() => [Uncompressed, .. _point.X!, .. _point.Y!];

    private static ECCurve CurveOf(PivAlgorithm algorithm) =>
        algorithm == PivAlgorithm.EccP256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384;

    private static int FieldSize(PivAlgorithm algorithm) => algorithm == PivAlgorithm.EccP256 ? 32 : 48;
}

using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Vectors;

/// <summary>Keys out of names, and ECDSA whose nonce is a hash: the same signatures each time. For vectors only.</summary>
internal static class FixedKeys
{
    public static byte[] Seed(string name) => SHA256.HashData(Encoding.ASCII.GetBytes("HardwareChat vectors: " + name));

    public static Key Ed25519(string name) => Key.Import(SignatureAlgorithm.Ed25519, Seed(name), KeyBlobFormat.RawPrivateKey);

    public static Key X25519(string name) => Key.Import(KeyAgreementAlgorithm.X25519, Seed(name), KeyBlobFormat.RawPrivateKey);

    public static byte[] Public(Key key) => key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
}

/// <summary>A signing key of any scheme whose every byte follows from its name.</summary>
internal sealed class FixedSigner
{
    private static readonly BigInteger OrderP256 = Hex("0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    private static readonly BigInteger OrderP384
        = Hex("0ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");

    private readonly byte[] _scalar;

    public FixedSigner(string name, SignatureScheme scheme)
    {
        Scheme = scheme;
        _scalar = Fixed(BigInteger.Remainder(Unsigned(Wide(name)), Order - 1) + 1, Width);
        if (scheme == SignatureScheme.Ed25519)
            _scalar = FixedKeys.Seed(name);
        Public = scheme == SignatureScheme.Ed25519
            ? VerifyingKey.FromRaw(scheme, FixedKeys.Public(FixedKeys.Ed25519(name)))
            : VerifyingKey.FromRaw(scheme, Point(_scalar));
    }

    public SignatureScheme Scheme { get; }

    public VerifyingKey Public { get; }

    private int Width => Scheme == SignatureScheme.EcdsaSecp384r1Sha384 ? 48 : 32;

    private BigInteger Order => Scheme == SignatureScheme.EcdsaSecp384r1Sha384 ? OrderP384 : OrderP256;

    public byte[] Sign(byte[] input)
    {
        if (Scheme == SignatureScheme.Ed25519)
        {
            using Key key = Key.Import(SignatureAlgorithm.Ed25519, _scalar, KeyBlobFormat.RawPrivateKey);
            return SignatureAlgorithm.Ed25519.Sign(key, input);
        }

        // FIPS 186-5 §6.4.1, with a nonce that follows from key and input.
        byte[] digest = Scheme == SignatureScheme.EcdsaSecp256r1Sha256 ? SHA256.HashData(input) : SHA384.HashData(input);
        BigInteger k = BigInteger.Remainder(Unsigned(SHA512.HashData([.. _scalar, .. digest])), Order - 1) + 1;
        BigInteger r = BigInteger.Remainder(Unsigned(Point(Fixed(k, Width)).AsSpan(1, Width)), Order);
        BigInteger inverse = BigInteger.ModPow(k, Order - 2, Order);
        BigInteger s = BigInteger.Remainder(inverse * (Unsigned(digest) + (r * Unsigned(_scalar))), Order);
        return EcdsaSignature.Normalise(Scheme, [.. Fixed(r, Width), .. Fixed(s, Width)]);
    }

    private static byte[] Wide(string name) => SHA512.HashData(FixedKeys.Seed(name));

    private static BigInteger Unsigned(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static BigInteger Hex(string hex) => BigInteger.Parse(hex, System.Globalization.NumberStyles.HexNumber, null);

    private static byte[] Fixed(BigInteger value, int width)
    {
        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[width - bytes.Length], .. bytes];
    }

    private byte[] Point(byte[] scalar)
    {
        ECCurve curve = Scheme == SignatureScheme.EcdsaSecp384r1Sha384 ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256;
        using var ec = ECDsa.Create(new ECParameters { Curve = curve, D = scalar });
        ECPoint q = ec.ExportParameters(false).Q;
        return [4, .. q.X!, .. q.Y!];
    }
}

using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace HardwareChat.Mls;

/// <summary>A NIST curve as the platform knows it, with the encodings of RFC 8446 §4.2.8.2 (points) and SEC 1 (scalars).</summary>
internal sealed class NistCurve
{
    public static readonly NistCurve P256 = new(
        ECCurve.NamedCurves.nistP256, 32, 0xFF, HashAlgorithmName.SHA256,
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
        "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
        "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B");

    public static readonly NistCurve P384 = new(
        ECCurve.NamedCurves.nistP384, 48, 0xFF, HashAlgorithmName.SHA384,
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF",
        "B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF");

    public static readonly NistCurve P521 = new(
        ECCurve.NamedCurves.nistP521, 66, 0x01, HashAlgorithmName.SHA512,
        "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409",
        "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00");

    private const byte Uncompressed = 0x04;

    private readonly byte[] _order;
    private readonly BigInteger _prime;
    private readonly BigInteger _b;

    private NistCurve(ECCurve named, int length, byte topMask, HashAlgorithmName hash, string order, string prime, string b)
    {
        Named = named;
        CoordinateLength = length;
        TopByteMask = topMask;
        Hash = hash;
        _order = Convert.FromHexString(order);
        _prime = BigInteger.Parse("0" + prime, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        _b = BigInteger.Parse("0" + b, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    public ECCurve Named { get; }

    /// <summary>Bytes of a coordinate and of a scalar.</summary>
    public int CoordinateLength { get; }

    /// <summary>Bytes of an uncompressed point.</summary>
    public int PointLength => 1 + (2 * CoordinateLength);

    /// <summary>The bits that a scalar's first byte may have (RFC 9180 §7.1.3).</summary>
    public byte TopByteMask { get; }

    /// <summary>The hash that ECDSA over this curve takes in the cipher suites.</summary>
    public HashAlgorithmName Hash { get; }

    /// <summary>Whether 0 &lt; scalar &lt; order, without branching on the scalar's bytes.</summary>
    public bool IsScalar(ReadOnlySpan<byte> scalar)
    {
        if (scalar.Length != CoordinateLength)
            return false;
        int borrow = 0;
        int any = 0;
        for (int i = scalar.Length - 1; i >= 0; i--)
        {
            any |= scalar[i];
            borrow = ((scalar[i] - _order[i] - borrow) >> 8) & 1;
        }

        return borrow == 1 & any != 0;
    }

    /// <summary>The scalar of a stored private key at full length, or null if it is none. Some writers leave out leading zeros.</summary>
    public Secret? ReadScalar(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length > CoordinateLength)
            return null;
        Secret scalar = Secret.Zero(CoordinateLength);
        privateKey.CopyTo(scalar.WritableSpan[(CoordinateLength - privateKey.Length)..]);
        if (IsScalar(scalar.Span))
            return scalar;
        scalar.Dispose();
        return null;
    }

    /// <summary>Whether the bytes are an uncompressed point of the curve (SP 800-56A §5.6.2.3.4; the cofactor is 1).</summary>
    public bool IsPoint(ReadOnlySpan<byte> point)
    {
        if (point.Length != PointLength || point[0] != Uncompressed)
            return false;
        var x = new BigInteger(point.Slice(1, CoordinateLength), isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(point[(1 + CoordinateLength)..], isUnsigned: true, isBigEndian: true);
        if (x >= _prime || y >= _prime)
            return false;
        BigInteger right = (((((x * x) - 3) * x) + _b) % _prime + _prime) % _prime;
        return y * y % _prime == right;
    }

    /// <summary>The point as the platform takes it.</summary>
    public ECPoint ReadPoint(ReadOnlySpan<byte> point) => new()
    {
        X = point.Slice(1, CoordinateLength).ToArray(),
        Y = point[(1 + CoordinateLength)..].ToArray(),
    };

    /// <summary>The uncompressed form of a point.</summary>
    public void WritePoint(ECPoint point, Span<byte> destination)
    {
        destination[0] = Uncompressed;
        point.X.CopyTo(destination.Slice(1, CoordinateLength));
        point.Y.CopyTo(destination[(1 + CoordinateLength)..]);
    }
}

using System.Numerics;
using System.Security.Cryptography;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Simulator.Keys;

/// <summary>An RSA-2048 key: the bare private operation on a block that the host padded.</summary>
/// <remarks>PIV leaves padding to the host. The arithmetic is not constant-time: this key is for tests, as the whole card is.</remarks>
internal sealed class Rsa2048Key : KeyMaterial
{
    private const int KeyBits = 2048;
    private const int BlockSize = KeyBits / 8;
    private const int PrimeSize = BlockSize / 2;

    private readonly CardSecret _privateKey;
    private readonly byte[] _modulus;
    private readonly byte[] _exponent;

    private Rsa2048Key(RSA key)
    {
        byte[] encoded = key.ExportRSAPrivateKey();
        _privateKey = new CardSecret(encoded);
        CryptographicOperations.ZeroMemory(encoded);
        RSAParameters parameters = key.ExportParameters(includePrivateParameters: false);
        _modulus = parameters.Modulus!;
        _exponent = parameters.Exponent!;
    }

    public override PivAlgorithm Algorithm => PivAlgorithm.Rsa2048;

    public override byte[] PublicKeyTemplate => [.. BerTlvWriter.Encode(0x81, _modulus), .. BerTlvWriter.Encode(0x82, _exponent)];

    public override byte[] SubjectPublicKeyInfo
    {
        get
        {
            using var key = RSA.Create(new RSAParameters { Modulus = _modulus, Exponent = _exponent });
            return key.ExportSubjectPublicKeyInfo();
        }
    }

    public static Rsa2048Key Generate()
    {
        using var key = RSA.Create(KeyBits);
        return new Rsa2048Key(key);
    }

    /// <summary>The key of a PKCS#1 RSAPrivateKey.</summary>
    /// <exception cref="CryptographicException">The bytes are no RSA-2048 private key.</exception>
    public static Rsa2048Key FromPkcs1(ReadOnlySpan<byte> encoded)
    {
        using var key = RSA.Create();
        key.ImportRSAPrivateKey(encoded, out int read);
        if (read != encoded.Length || key.KeySize != KeyBits)
            throw new CryptographicException("not an RSA-2048 private key");
        return new Rsa2048Key(key);
    }

    /// <summary>The key with these primes and the exponent 65537, or <see langword="null"/> if they make none.</summary>
    public static Rsa2048Key? Import(ReadOnlySpan<byte> p, ReadOnlySpan<byte> q)
    {
        if (p.Length != PrimeSize || q.Length != PrimeSize)
            return null;
        BigInteger primeP = Integer(p);
        BigInteger primeQ = Integer(q);
        BigInteger exponent = 65537;
        BigInteger modulus = primeP * primeQ;
        BigInteger totient = (primeP - 1) * (primeQ - 1);
        if (modulus.GetBitLength() != KeyBits || primeP == primeQ
            || !BigInteger.GreatestCommonDivisor(exponent, totient).IsOne || !BigInteger.GreatestCommonDivisor(primeP, primeQ).IsOne)
            return null;
        BigInteger inverse = Inverse(exponent, totient);
        var parameters = new RSAParameters
        {
            Modulus = Bytes(modulus, BlockSize),
            Exponent = Bytes(exponent, 3),
            D = Bytes(inverse, BlockSize),
            P = p.ToArray(),
            Q = q.ToArray(),
            DP = Bytes(inverse % (primeP - 1), PrimeSize),
            DQ = Bytes(inverse % (primeQ - 1), PrimeSize),
            InverseQ = Bytes(Inverse(primeQ, primeP), PrimeSize),
        };
        try
        {
            using var key = RSA.Create(parameters);
            return new Rsa2048Key(key);
        }
        catch (CryptographicException)
        {
            return null; // the numbers are no primes
        }
        finally
        {
            Zero(parameters);
        }
    }

    public override byte[] ExportPrivate() => _privateKey.Span.ToArray();

    // SP 800-73-4 Part 2 §3.2.4: the challenge is the padded block, and the answer is its private operation.
    public override byte[]? Sign(ReadOnlySpan<byte> input)
    {
        if (input.Length != BlockSize || Integer(input) >= Integer(_modulus))
            return null;
        using var key = RSA.Create();
        key.ImportRSAPrivateKey(_privateKey.Span, out _);
        RSAParameters parameters = key.ExportParameters(includePrivateParameters: true);
        try
        {
            return Bytes(BigInteger.ModPow(Integer(input), Integer(parameters.D), Integer(_modulus)), BlockSize);
        }
        finally
        {
            Zero(parameters);
        }
    }

    public override void Dispose() => _privateKey.Dispose();

    private static BigInteger Integer(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Bytes(BigInteger value, int length)
    {
        byte[] bytes = new byte[length];
        byte[] significant = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        significant.CopyTo(bytes, length - significant.Length);
        return bytes;
    }

    private static BigInteger Inverse(BigInteger value, BigInteger modulus)
    {
        BigInteger previous = modulus, current = value % modulus;
        BigInteger previousFactor = BigInteger.Zero, factor = BigInteger.One;
        while (!current.IsZero)
        {
            (BigInteger quotient, BigInteger remainder) = BigInteger.DivRem(previous, current);
            (previous, current) = (current, remainder);
            (previousFactor, factor) = (factor, previousFactor - (quotient * factor));
        }
        return ((previousFactor % modulus) + modulus) % modulus;
    }

    private static void Zero(RSAParameters parameters)
    {
        foreach (byte[]? secret in new[] { parameters.D, parameters.P, parameters.Q, parameters.DP, parameters.DQ, parameters.InverseQ })
            CryptographicOperations.ZeroMemory(secret);
    }
}

using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Piv;

/// <summary>The public half of a key in a slot.</summary>
/// <remarks>Whether a point lies on its curve is checked by whoever uses the key, not here.</remarks>
public sealed class PivPublicKey
{
    private const string EcPublicKeyOid = "1.2.840.10045.2.1";
    private const string P256Oid = "1.2.840.10045.3.1.7";
    private const string P384Oid = "1.3.132.0.34";
    private const string RsaOid = "1.2.840.113549.1.1.1";
    private const string Ed25519Oid = "1.3.101.112";
    private const string X25519Oid = "1.3.101.110";

    private readonly byte[] _encoded;

    private PivPublicKey(PivAlgorithm algorithm, byte[] encoded, byte[] subjectPublicKeyInfo)
    {
        Algorithm = algorithm;
        _encoded = encoded;
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
    }

    /// <summary>The algorithm.</summary>
    public PivAlgorithm Algorithm { get; }

    /// <summary>EC: 04 || X || Y. Ed25519 and X25519: 32 bytes. RSA: the DER of RSAPublicKey.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>The DER of a SubjectPublicKeyInfo (RFC 5280 §4.1, RFC 5480, RFC 8410).</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>Bytes of an elliptic curve point or Montgomery coordinate in the card's encoding; 0 for other algorithms.</summary>
    public static int PointSize(PivAlgorithm algorithm) => algorithm switch
    {
        PivAlgorithm.EccP256 => 65,
        PivAlgorithm.EccP384 => 97,
        PivAlgorithm.Ed25519 or PivAlgorithm.X25519 => 32,
        _ => 0,
    };

    /// <summary>A key on an elliptic curve, from its <see cref="Encoded"/> form.</summary>
    /// <exception cref="DecodeException">The length or the first byte does not fit the algorithm.</exception>
    public static PivPublicKey FromPoint(PivAlgorithm algorithm, ReadOnlySpan<byte> point)
    {
        int size = PointSize(algorithm);
        if (size == 0 || point.Length != size || (size > 32 && point[0] != 4))
            throw new DecodeException($"point does not fit {algorithm}", 0);
        byte[] encoded = point.ToArray();
        (string oid, string? curve) = algorithm switch
        {
            PivAlgorithm.EccP256 => (EcPublicKeyOid, P256Oid),
            PivAlgorithm.EccP384 => (EcPublicKeyOid, P384Oid),
            PivAlgorithm.Ed25519 => (Ed25519Oid, (string?)null),
            _ => (X25519Oid, null),
        };
        return new PivPublicKey(algorithm, encoded, WriteInfo(encoded, oid, curve));
    }

    /// <summary>Reads the key from a certificate's or file's SubjectPublicKeyInfo.</summary>
    /// <exception cref="DecodeException">Malformed, or an algorithm that PIV cards do not have.</exception>
    public static PivPublicKey FromSubjectPublicKeyInfo(ReadOnlyMemory<byte> info)
    {
        try
        {
            var reader = new AsnReader(info, AsnEncodingRules.DER);
            AsnReader outer = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            AsnReader identifier = outer.ReadSequence();
            string oid = identifier.ReadObjectIdentifier();
            string? curve = oid == EcPublicKeyOid ? identifier.ReadObjectIdentifier() : null;
            byte[] key = outer.ReadBitString(out int unused);
            outer.ThrowIfNotEmpty();
            if (unused != 0)
                throw new DecodeException("public key has unused bits", 0);
            return (oid, curve) switch
            {
                (EcPublicKeyOid, P256Oid) => FromPoint(PivAlgorithm.EccP256, key),
                (EcPublicKeyOid, P384Oid) => FromPoint(PivAlgorithm.EccP384, key),
                (Ed25519Oid, _) => FromPoint(PivAlgorithm.Ed25519, key),
                (X25519Oid, _) => FromPoint(PivAlgorithm.X25519, key),
                (RsaOid, _) => FromRsaKey(key),
                _ => throw new DecodeException("public key is of an algorithm that PIV cards do not have", 0),
            };
        }
        catch (AsnContentException error)
        {
            throw new DecodeException("public key is not a SubjectPublicKeyInfo", 0, error);
        }
    }

    /// <summary>Reads the inside of 7F49 (SP 800-73-4 Part 2 §3.3.2): 86 point, or 81 modulus and 82 exponent.</summary>
    /// <exception cref="DecodeException">Malformed, or not of <paramref name="algorithm"/>.</exception>
    public static PivPublicKey FromCard(PivAlgorithm algorithm, ReadOnlySpan<byte> template)
    {
        var reader = new BerTlvReader(template);
        if (PointSize(algorithm) != 0)
            return FromPoint(algorithm, reader.ReadValue(0x86));
        ReadOnlySpan<byte> modulus = reader.ReadValue(0x81);
        ReadOnlySpan<byte> exponent = reader.ReadValue(0x82);
        if (modulus.Length > 1024 || exponent.Length > 16)
            throw new DecodeException("RSA key is longer than any card's", 0);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(modulus, isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new BigInteger(exponent, isUnsigned: true, isBigEndian: true));
        }

        PivPublicKey key = FromRsaKey(writer.Encode());
        return key.Algorithm == algorithm ? key : throw new DecodeException($"RSA key does not fit {algorithm}", 0);
    }

    /// <summary>The key for verifying ECDSA. The caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">This is no key for ECDSA.</exception>
    /// <exception cref="CryptographicException">The point does not lie on the curve.</exception>
    public ECDsa OpenEcdsa()
    {
        if (Algorithm is not (PivAlgorithm.EccP256 or PivAlgorithm.EccP384))
            throw new InvalidOperationException($"{Algorithm} is no algorithm of ECDSA.");
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(SubjectPublicKeyInfo.Span, out _);
            return key;
        }
        catch (CryptographicException)
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Whether a signature is by this key over the message.</summary>
    /// <param name="message">The whole message: what is hashed is decided here.</param>
    /// <param name="signature">
    /// P-256 and P-384: r || s of fixed width with s in the lower half (<see cref="EcdsaSignature"/>), over SHA-256 or SHA-384. Ed25519: 64 bytes.
    /// RSA-2048: 256 bytes of PKCS #1 v1.5 over SHA-256 (RFC 8017 §8.2); such keys are verified, never made.
    /// </param>
    /// <exception cref="InvalidOperationException">No signature of this algorithm is verified here.</exception>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Algorithm switch
    {
        PivAlgorithm.EccP256 or PivAlgorithm.EccP384 => VerifyEcdsa(message, signature),
        PivAlgorithm.Ed25519 => VerifyEd25519(message, signature),
        PivAlgorithm.Rsa2048 => VerifyRsa(message, signature),
        _ => throw new InvalidOperationException($"Signatures of {Algorithm} are not verified."),
    };

    /// <summary>Fuzz entry: any bytes are a public key in either form, or a <see cref="DecodeException"/>.</summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        byte[] copy = data.ToArray();
        Try(() => FromSubjectPublicKeyInfo(copy));
        Try(() => FromCard(PivAlgorithm.EccP256, copy));
        Try(() => FromCard(PivAlgorithm.Rsa2048, copy));

        static void Try(Func<PivPublicKey> read)
        {
            try
            {
                PivPublicKey key = read();
                if (!FromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo).Encoded.SequenceEqual(key.Encoded))
                    throw new InvalidOperationException("a public key did not survive its own encoding");
            }
            catch (DecodeException)
            {
                // The one exception that malformed bytes may cause.
            }
        }
    }

    private bool VerifyEcdsa(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (!EcdsaSignature.IsNormalised(Algorithm, signature))
            return false;
        try
        {
            using ECDsa key = OpenEcdsa();
            HashAlgorithmName hash = Algorithm == PivAlgorithm.EccP256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384;
            return key.VerifyData(message, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false; // the point is not on the curve: nothing is signed by such a key
        }
    }

    private bool VerifyEd25519(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
        => NSec.Cryptography.PublicKey.TryImport(NSec.Cryptography.SignatureAlgorithm.Ed25519, Encoded, NSec.Cryptography.KeyBlobFormat.RawPublicKey, out var key)
            && key is not null
            && NSec.Cryptography.SignatureAlgorithm.Ed25519.Verify(key, message, signature);

    private bool VerifyRsa(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        try
        {
            using var key = RSA.Create();
            key.ImportSubjectPublicKeyInfo(SubjectPublicKeyInfo.Span, out _);
            return key.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false; // no number that the platform takes for a modulus
        }
    }

    private static PivPublicKey FromRsaKey(byte[] key)
    {
        var reader = new AsnReader(key, AsnEncodingRules.DER);
        AsnReader sequence = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        BigInteger modulus = sequence.ReadInteger();
        BigInteger exponent = sequence.ReadInteger();
        sequence.ThrowIfNotEmpty();

        // SP 800-78-4 §3.1: e is odd and at least 65537. A smaller one, 1 above all, would let anybody sign.
        if (exponent < 65_537 || exponent.IsEven || modulus.IsEven)
            throw new DecodeException("RSA key is none that a PIV card may have", 0);
        PivAlgorithm algorithm = (modulus.Sign > 0 && exponent.Sign > 0 ? modulus.GetBitLength() : 0) switch
        {
            1024 => PivAlgorithm.Rsa1024,
            2048 => PivAlgorithm.Rsa2048,
            3072 => PivAlgorithm.Rsa3072,
            4096 => PivAlgorithm.Rsa4096,
            _ => throw new DecodeException("RSA key is of a size that PIV cards do not have", 0),
        };
        return new PivPublicKey(algorithm, key, WriteInfo(key, RsaOid, null));
    }

    private static byte[] WriteInfo(byte[] key, string oid, string? curve)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(oid);
                if (curve is not null)
                    writer.WriteObjectIdentifier(curve);
                else if (oid == RsaOid)
                    writer.WriteNull();
            }

            writer.WriteBitString(key);
        }

        return writer.Encode();
    }
}

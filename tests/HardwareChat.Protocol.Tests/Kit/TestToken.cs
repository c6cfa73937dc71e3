using System.Numerics;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>A token whose keys live in the test: 9A of any scheme, 9C and 9D of P-256.</summary>
public sealed class TestToken
{
    private readonly Func<byte[], byte[]> _sign9A;
    private readonly ECDsa? _key9C;

    private TestToken(Func<byte[], byte[]> sign9A, byte[] spki, SignatureScheme scheme, bool admin)
    {
        _sign9A = sign9A;
        Scheme = scheme;
        _key9C = admin ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        using var key9D = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Blob = RandomNumberGenerator.GetBytes(16);
        Enrolment = new TokenEnrolment(spki, key9D.ExportSubjectPublicKeyInfo(), _key9C?.ExportSubjectPublicKeyInfo() ?? [], Digest.Of(Blob));
    }

    public SignatureScheme Scheme { get; }

    public TokenEnrolment Enrolment { get; }

    /// <summary>Stands for evidence; what it says is up to the test's check.</summary>
    public byte[] Blob { get; }

    public TokenId Id => Enrolment.TokenId;

    public static TestToken Create(SignatureScheme scheme = SignatureScheme.EcdsaSecp256r1Sha256, bool admin = true)
    {
        if (scheme == SignatureScheme.Ed25519)
        {
            Key key = Key.Create(SignatureAlgorithm.Ed25519);
            byte[] spki = VerifyingKey.FromRaw(scheme, key.PublicKey.Export(KeyBlobFormat.RawPublicKey)).ToSpki();
            return new TestToken(bytes => SignatureAlgorithm.Ed25519.Sign(key, bytes), spki, scheme, admin);
        }
        bool p256 = scheme == SignatureScheme.EcdsaSecp256r1Sha256;
        var ecdsa = ECDsa.Create(p256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384);
        HashAlgorithmName hash = p256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384;
        return new TestToken(
            bytes => EcdsaSignature.Normalise(scheme, ecdsa.SignData(bytes, hash)), ecdsa.ExportSubjectPublicKeyInfo(), scheme, admin);
    }

    /// <summary>(r, n - s) of a P-256 signature (r, s): it verifies wherever that does, unless a high s is refused.</summary>
    public static byte[] Malleate(ReadOnlySpan<byte> signature)
    {
        var order = new BigInteger(Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"), isUnsigned: true, isBigEndian: true);
        byte[] other = (order - new BigInteger(signature[32..], isUnsigned: true, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. signature[..32], .. new byte[32 - other.Length], .. other];
    }

    public byte[] Sign(byte[] signingInput) => _sign9A(signingInput);

    public StatementSignature As9A(Statement statement) => new(Id.Value, _sign9A(statement.SigningInput()));

    public StatementSignature As9C(Statement statement)
    {
        byte[] signature = _key9C!.SignData(statement.SigningInput(), HashAlgorithmName.SHA256);
        return new StatementSignature(
            Enrolment.SignatureKeyHash!.Value.Value, EcdsaSignature.Normalise(SignatureScheme.EcdsaSecp256r1Sha256, signature));
    }

    public Func<Statement, StatementSignature>[] AllKeys() => Enrolment.SignatureKey is null ? [As9A] : [As9A, As9C];
}

using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

/// <summary>One Diffie-Hellman of a fresh key e with a recipient's key: what wraps a vault key. e's private half does not outlive the call.</summary>
internal static class EphemeralAgreement
{
    /// <summary>Makes e; the caller disposes the secret, which is the x coordinate or the X25519 output, as a token returns it.</summary>
    /// <param name="recipient">P-256, P-384 or X25519, as the registry takes them for 9D.</param>
    /// <param name="ephemeral">e's public half: an uncompressed point, or 32 bytes.</param>
    /// <exception cref="ArgumentException">The recipient's key is of another kind, or no point of its curve.</exception>
    public static Secret Create(PivPublicKey recipient, out byte[] ephemeral)
    {
        try
        {
            return recipient.Algorithm switch
            {
                PivAlgorithm.EccP256 => OnCurve(ECCurve.NamedCurves.nistP256, recipient, out ephemeral),
                PivAlgorithm.EccP384 => OnCurve(ECCurve.NamedCurves.nistP384, recipient, out ephemeral),
                PivAlgorithm.X25519 => Montgomery(recipient, out ephemeral),
                _ => throw new ArgumentException($"{recipient.Algorithm} is no algorithm of key agreement.", nameof(recipient)),
            };
        }
        catch (CryptographicException error)
        {
            throw new ArgumentException("The recipient's key is no point of its curve.", nameof(recipient), error);
        }
    }

    /// <summary>Whether a point lies on its curve; X25519 takes any 32 bytes.</summary>
    public static bool IsOnCurve(PivPublicKey key)
    {
        if (key.Algorithm == PivAlgorithm.X25519)
            return true;
        try
        {
            using ECDiffieHellman curve = ECDiffieHellman.Create();
            curve.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static Secret OnCurve(ECCurve curve, PivPublicKey recipient, out byte[] ephemeral)
    {
        using ECDiffieHellman theirs = ECDiffieHellman.Create();
        theirs.ImportSubjectPublicKeyInfo(recipient.SubjectPublicKeyInfo.Span, out _);
        using ECDiffieHellman ours = ECDiffieHellman.Create(curve);
        ECParameters point = ours.ExportParameters(includePrivateParameters: false);
        ephemeral = [4, .. point.Q.X!, .. point.Q.Y!];
        byte[] agreed = ours.DeriveRawSecretAgreement(theirs.PublicKey);
        Secret secret = Secret.CopyOf(agreed);
        CryptographicOperations.ZeroMemory(agreed);
        return secret;
    }

    private static Secret Montgomery(PivPublicKey recipient, out byte[] ephemeral)
    {
        KeyAgreementAlgorithm x25519 = KeyAgreementAlgorithm.X25519;
        PublicKey theirs = PublicKey.Import(x25519, recipient.Encoded, KeyBlobFormat.RawPublicKey);
        using Key ours = Key.Create(x25519);
        ephemeral = ours.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        return Agree(ours, theirs);
    }

    /// <summary>X25519 as raw bytes: NSec gives a secret of its own kind, which we let it export.</summary>
    public static Secret Agree(Key ours, PublicKey theirs)
    {
        using SharedSecret agreed = KeyAgreementAlgorithm.X25519.Agree(ours, theirs, new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving })
            ?? throw new DecodeException("key agreement with a point of small order", 0);
        byte[] raw = agreed.Export(SharedSecretBlobFormat.RawSharedSecret);
        Secret secret = Secret.CopyOf(raw);
        CryptographicOperations.ZeroMemory(raw);
        return secret;
    }
}

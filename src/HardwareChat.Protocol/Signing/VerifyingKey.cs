using System.Security.Cryptography;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol;

/// <summary>A public key that verifies labelled signatures, of one algorithm, in one encoding.</summary>
/// <remarks>
/// The algorithm is the key's, never the message's. Ed25519 is verified by libsodium everywhere: it refuses encodings that
/// are not canonical and keys of small order, and two verifiers that disagreed would fork a room. Instances are immutable
/// and may be shared between threads.
/// </remarks>
public sealed class VerifyingKey : IEquatable<VerifyingKey>
{
    // RFC 5480 §2.1.1, RFC 8410 §4: for a named curve and an uncompressed point the DER before the point is a constant, so
    // that a key has exactly one SubjectPublicKeyInfo, and its hash can be its name.
    private static ReadOnlySpan<byte> SpkiP256 =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];

    private static ReadOnlySpan<byte> SpkiP384 =>
    [
        0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
    ];

    private static ReadOnlySpan<byte> SpkiEd25519 => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    private static ReadOnlySpan<byte> SpkiX25519 => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00];

    private readonly byte[] _raw;
    private readonly PublicKey? _ed25519;
    private readonly ECParameters _ec;
    private readonly Lock _gate = new();
    private ECDsa? _imported;
    private bool _used;

    private VerifyingKey(SignatureScheme scheme, byte[] raw)
    {
        Scheme = scheme;
        _raw = raw;
        if (scheme == SignatureScheme.Ed25519)
        {
            _ed25519 = PublicKey.Import(SignatureAlgorithm.Ed25519, raw, KeyBlobFormat.RawPublicKey);
            return;
        }
        int width = (raw.Length - 1) / 2;
        _ec = new ECParameters
        {
            Curve = scheme == SignatureScheme.EcdsaSecp256r1Sha256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384,
            Q = new ECPoint { X = raw[1..(1 + width)], Y = raw[(1 + width)..] },
        };
    }

    /// <summary>The key's algorithm.</summary>
    public SignatureScheme Scheme { get; }

    /// <summary>The key as MLS carries it: an uncompressed point, or 32 bytes.</summary>
    public ReadOnlySpan<byte> Raw => _raw;

    /// <summary>The key of this SubjectPublicKeyInfo: P-256, P-384 or Ed25519, in the one DER encoding that each has.</summary>
    /// <exception cref="DecodeException">Another algorithm or encoding.</exception>
    public static VerifyingKey FromSpki(ReadOnlySpan<byte> spki)
    {
        if (TryStrip(spki, SpkiP256, SignatureScheme.EcdsaSecp256r1Sha256, out byte[]? raw))
            return FromRaw(SignatureScheme.EcdsaSecp256r1Sha256, raw);
        if (TryStrip(spki, SpkiP384, SignatureScheme.EcdsaSecp384r1Sha384, out raw))
            return FromRaw(SignatureScheme.EcdsaSecp384r1Sha384, raw);
        if (TryStrip(spki, SpkiEd25519, SignatureScheme.Ed25519, out raw))
            return FromRaw(SignatureScheme.Ed25519, raw);
        throw new DecodeException("not the SubjectPublicKeyInfo of a P-256, P-384 or Ed25519 key", 0);
    }

    /// <summary>Whether these bytes are the SubjectPublicKeyInfo of a key-agreement key for 9D: P-256, P-384 or X25519.</summary>
    public static bool IsAgreementSpki(ReadOnlySpan<byte> spki)
        => TryStrip(spki, SpkiP256, SignatureScheme.EcdsaSecp256r1Sha256, out byte[]? raw)
        || TryStrip(spki, SpkiP384, SignatureScheme.EcdsaSecp384r1Sha384, out raw)
            ? raw[0] == 4
            : spki.StartsWith(SpkiX25519) && spki.Length == SpkiX25519.Length + 32;

    /// <summary>The key whose encoding inside MLS this is.</summary>
    /// <exception cref="DecodeException">Not the scheme's length, or not an uncompressed point.</exception>
    public static VerifyingKey FromRaw(SignatureScheme scheme, ReadOnlySpan<byte> raw)
    {
        if (raw.Length != scheme.PublicKeySize())
            throw new DecodeException("public key has not its algorithm's length", 0);
        if (scheme != SignatureScheme.Ed25519 && raw[0] != 4)
            throw new DecodeException("public key is not an uncompressed point", 0);
        return new VerifyingKey(scheme, raw.ToArray());
    }

    /// <summary>The one SubjectPublicKeyInfo of this key.</summary>
    public byte[] ToSpki() => Scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => [.. SpkiP256, .. _raw],
        SignatureScheme.EcdsaSecp384r1Sha384 => [.. SpkiP384, .. _raw],
        _ => [.. SpkiEd25519, .. _raw],
    };

    /// <summary>Whether <paramref name="signature"/> is this key's over the labelled bytes, in the one form that travels.</summary>
    public bool Verify(ReadOnlySpan<byte> label, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
        => VerifyBytes(Labelled.Bytes(label, bytes), signature);

    /// <inheritdoc/>
    public bool Equals(VerifyingKey? other) => other is not null && Scheme == other.Scheme && _raw.AsSpan().SequenceEqual(other._raw);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifyingKey);

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.Of(_raw).GetHashCode();

    /// <summary>Reads any bytes as a SubjectPublicKeyInfo, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        VerifyingKey key = FromSpki(input);
        if (!key.ToSpki().AsSpan().SequenceEqual(input) || key.Verify(Labels.Touch, input, new byte[key.Scheme.SignatureSize()]))
            throw new CryptographicException("A key has two encodings, or accepts zeros as a signature.");
    }

    /// <summary>Verifies bytes that carry no label of ours: checkpoints only, which C2SP defines whole.</summary>
    internal bool VerifyBytes(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != Scheme.SignatureSize())
            return false;
        if (_ed25519 is not null)
            return SignatureAlgorithm.Ed25519.Verify(_ed25519, bytes, signature);
        if (!EcdsaSignature.HasLowS(Scheme, signature))
            return false;
        try
        {
            lock (_gate)
                return VerifyEcdsa(bytes, signature);
        }
        catch (CryptographicException)
        {
            // The point is not on the curve: a key under which nothing verifies.
            return false;
        }
    }

    // Importing a key costs the platform twice what verifying with it does (measured), so a key that is used again is kept: an
    // admin's, a token's over many touches. One that is used once, as most of a registry's are in a replay, is not: it holds a handle.
    private bool VerifyEcdsa(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        ECDsa ecdsa = _imported ?? ECDsa.Create(_ec);
        try
        {
            HashAlgorithmName hash = Scheme == SignatureScheme.EcdsaSecp256r1Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384;
            return ecdsa.VerifyData(bytes, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            if (_used)
                _imported = ecdsa;
            else
                ecdsa.Dispose();
            _used = true;
        }
    }

    private static bool TryStrip(
        ReadOnlySpan<byte> spki,
        ReadOnlySpan<byte> prefix,
        SignatureScheme scheme,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out byte[]? raw)
    {
        bool fits = spki.Length == prefix.Length + scheme.PublicKeySize() && spki.StartsWith(prefix);
        raw = fits ? spki[prefix.Length..].ToArray() : null;
        return fits;
    }
}

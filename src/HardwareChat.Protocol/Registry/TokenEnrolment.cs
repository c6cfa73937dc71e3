using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct {
//   opaque authentication_spki<V>;   9A: signs touches; TokenId = SHA-256 of it
//   opaque agreement_spki<V>;        9D: unwraps the vault
//   opaque signature_spki<V>;        9C: signs as an admin; empty if the token has none
//   opaque evidence[32];             SHA-256 of the attestation blob
// } TokenEnrolment;

/// <summary>The public keys of a token that is being enrolled, and the name of the evidence for them.</summary>
public sealed class TokenEnrolment : ITlsSerializable
{
    private readonly byte[] _authenticationSpki;
    private readonly byte[] _agreementSpki;
    private readonly byte[] _signatureSpki;

    /// <summary>An enrolment of these keys.</summary>
    /// <param name="authenticationSpki">SubjectPublicKeyInfo of 9A.</param>
    /// <param name="agreementSpki">SubjectPublicKeyInfo of 9D.</param>
    /// <param name="signatureSpki">SubjectPublicKeyInfo of 9C; empty if the token has none.</param>
    /// <param name="evidence">SHA-256 of the evidence blob.</param>
    /// <exception cref="DecodeException">A key is not of a kind that its slot may have.</exception>
    public TokenEnrolment(
        ReadOnlySpan<byte> authenticationSpki, ReadOnlySpan<byte> agreementSpki, ReadOnlySpan<byte> signatureSpki, Digest evidence)
    {
        AuthenticationKey = VerifyingKey.FromSpki(authenticationSpki);
        SignatureKey = signatureSpki.IsEmpty ? null : VerifyingKey.FromSpki(signatureSpki);
        if (!VerifyingKey.IsAgreementSpki(agreementSpki))
            throw new DecodeException("not the SubjectPublicKeyInfo of a P-256, P-384 or X25519 key", 0);
        _authenticationSpki = authenticationSpki.ToArray();
        _agreementSpki = agreementSpki.ToArray();
        _signatureSpki = signatureSpki.ToArray();
        TokenId = TokenId.OfSpki(authenticationSpki);
        Evidence = evidence;
    }

    /// <summary>The token's name.</summary>
    public TokenId TokenId { get; }

    /// <summary>9A's key.</summary>
    public VerifyingKey AuthenticationKey { get; }

    /// <summary>9C's key; null if the token has none.</summary>
    public VerifyingKey? SignatureKey { get; }

    /// <summary>H("key", SPKI of 9C): the signer of what is signed as an admin; null if the token has none.</summary>
    public KeyHash? SignatureKeyHash => SignatureKey is null ? null : KeyHash.Of(_signatureSpki);

    /// <summary>SubjectPublicKeyInfo of 9A.</summary>
    public ReadOnlySpan<byte> AuthenticationSpki => _authenticationSpki;

    /// <summary>SubjectPublicKeyInfo of 9D.</summary>
    public ReadOnlySpan<byte> AgreementSpki => _agreementSpki;

    /// <summary>SubjectPublicKeyInfo of 9C, or nothing.</summary>
    public ReadOnlySpan<byte> SignatureSpki => _signatureSpki;

    /// <summary>SHA-256 of the evidence blob.</summary>
    public Digest Evidence { get; }

    /// <summary>SHA-256 of each key's SubjectPublicKeyInfo: what may be enrolled once, ever.</summary>
    public IEnumerable<Digest> SpkiHashes()
    {
        yield return TokenId.Value;
        yield return Digest.Of(_agreementSpki);
        if (SignatureKey is not null)
            yield return Digest.Of(_signatureSpki);
    }

    /// <summary>Reads one enrolment.</summary>
    public static TokenEnrolment Read(ref TlsReader reader)
    {
        ReadOnlySpan<byte> authentication = reader.ReadOpaque(ProtocolLimits.SpkiBytes);
        ReadOnlySpan<byte> agreement = reader.ReadOpaque(ProtocolLimits.SpkiBytes);
        ReadOnlySpan<byte> signature = reader.ReadOpaque(ProtocolLimits.SpkiBytes);
        return new TokenEnrolment(authentication, agreement, signature, Digest.Read(ref reader));
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOpaque(_authenticationSpki);
        writer.WriteOpaque(_agreementSpki);
        writer.WriteOpaque(_signatureSpki);
        Evidence.WriteTo(ref writer);
    }
}

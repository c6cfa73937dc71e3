using System.Security.Cryptography.X509Certificates;
using HardwareChat.Enrolment;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>What a token shows to be enrolled: its keys, and the attestations of them.</summary>
/// <param name="Enrolment">The keys.</param>
/// <param name="Evidence">The encoded TokenEvidence.</param>
public sealed record TokenPapers(TokenEnrolment Enrolment, ReadOnlyMemory<byte> Evidence)
{
    /// <summary>Reads the keys of 9A and 9D, and of 9C if it has one, and has the token attest them.</summary>
    /// <exception cref="PivException">9A or 9D is empty, or the token attests nothing.</exception>
    public static async Task<TokenPapers> ReadAsync(IToken token, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        using X509Certificate2 authentication = await token.AttestAsync(PivSlot.Authentication, cancel);
        using X509Certificate2 agreement = await token.AttestAsync(PivSlot.KeyManagement, cancel);
        using X509Certificate2? signature = await TryAttestAsync(token, cancel);
        using X509Certificate2? issuer = await token.GetCertificateAsync(PivSlot.Attestation, cancel);
        var evidence = new TokenEvidence(
            authentication.RawData, agreement.RawData, signature?.RawData ?? [], issuer is null ? [] : [issuer.RawData]);
        byte[] blob = TlsWriter.Encode(evidence);
        var enrolment = new TokenEnrolment(SpkiOf(authentication), SpkiOf(agreement), signature is null ? [] : SpkiOf(signature), Digest.Of(blob));
        return new TokenPapers(enrolment, blob);
    }

    private static async Task<X509Certificate2?> TryAttestAsync(IToken token, CancellationToken cancel)
    {
        try
        {
            return await token.AttestAsync(PivSlot.Signature, cancel);
        }
        catch (PivNotFoundException)
        {
            return null;
        }
    }

    private static byte[] SpkiOf(X509Certificate2 attestation) => attestation.PublicKey.ExportSubjectPublicKeyInfo();
}

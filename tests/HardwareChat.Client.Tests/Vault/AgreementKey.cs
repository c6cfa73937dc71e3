using System.Security.Cryptography;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Client.Tests;

/// <summary>A 9D key without a card around it: quick to make, and does what the card does.</summary>
internal sealed class AgreementKey : IDisposable
{
    private readonly ECDiffieHellman _key;

    public AgreementKey(ECCurve? curve = null)
    {
        _key = ECDiffieHellman.Create(curve ?? ECCurve.NamedCurves.nistP256);
        Public = PivPublicKey.FromSubjectPublicKeyInfo(_key.ExportSubjectPublicKeyInfo());
        Id = TokenId.OfSpki(_key.ExportSubjectPublicKeyInfo());
    }

    public TokenId Id { get; }

    public PivPublicKey Public { get; }

    public VaultRecipient Recipient => VaultRecipient.Token(Id, Public, "desk");

    public byte[] Agree(PivPublicKey ephemeral)
    {
        using ECDiffieHellman theirs = ECDiffieHellman.Create();
        theirs.ImportSubjectPublicKeyInfo(ephemeral.SubjectPublicKeyInfo.Span, out _);
        return _key.DeriveRawSecretAgreement(theirs.PublicKey);
    }

    public void Dispose() => _key.Dispose();
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>What holds for any card of firmware 5.7 in the factory's state, whatever carries its APDUs. Touches come by themselves.</summary>
public abstract class PivCardContract : IDisposable
{
    private readonly Pin _pin = Pin.Create("123456"u8);
    private readonly Pin _puk = Pin.Create("12345678"u8);
    private readonly Pin _other = Pin.Create("654321"u8);

    /// <summary>A channel to the card of this test; always the same card.</summary>
    protected abstract ICardChannel Connect();

    public void Dispose()
    {
        _pin.Dispose();
        _puk.Dispose();
        _other.Dispose();
        Release();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task P256_key_signs_with_a_touch_that_is_announced_and_over()
    {
        await using PivToken token = await OpenAsync();
        var states = new List<TouchState>();
        token.TouchChanged += (_, touch) => states.Add(touch.State);
        PivPublicKey key = await token.GenerateAsync(
            PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Always, Administration.FactoryDefault, Cancel);
        byte[] signature = await token.SignAsync(PivSlot.Authentication, PivAlgorithm.EccP256, "message"u8.ToArray(), _pin, Cancel);
        Assert.Equal([TouchState.Wanted, TouchState.Touched], states);
        using ECDsa verifier = key.OpenEcdsa();
        Assert.True(verifier.VerifyData("message"u8, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        Assert.True(EcdsaSignature.IsNormalised(PivAlgorithm.EccP256, signature));
    }

    [Fact]
    public async Task Metadata_and_attestation_tell_the_policies_the_key_was_made_with()
    {
        await using PivToken token = await OpenAsync();
        PivPublicKey key = await token.GenerateAsync(
            PivSlot.Authentication, PivAlgorithm.EccP384, PinPolicy.Always, TouchPolicy.Cached, Administration.FactoryDefault, Cancel);
        SlotMetadata metadata = Assert.IsType<SlotMetadata>(await token.GetMetadataAsync(PivSlot.Authentication, Cancel));
        Assert.Equal((PinPolicy.Always, TouchPolicy.Cached, true), (metadata.PinPolicy, metadata.TouchPolicy, metadata.IsGenerated));
        using X509Certificate2 attestation = await token.AttestAsync(PivSlot.Authentication, Cancel);
        var stated = AttestationCertificate.Parse(attestation.RawData);
        Assert.True(stated.SubjectPublicKeyInfo.Span.SequenceEqual(key.SubjectPublicKeyInfo.Span));
        Assert.Equal((PinPolicy.Always, TouchPolicy.Cached), (stated.Attestation.PinPolicy, stated.Attestation.TouchPolicy));
        Assert.Equal(token.Info.Serial, stated.Attestation.Serial);
        Assert.Null(await token.GetMetadataAsync(PivSlot.Signature, Cancel));
    }

    [Fact]
    public async Task Diffie_hellman_agrees_with_the_other_side()
    {
        await using PivToken token = await OpenAsync();
        PivPublicKey key = await token.GenerateAsync(
            PivSlot.KeyManagement, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.FactoryDefault, Cancel);
        using var peer = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using TokenSecret secret = await token.AgreeAsync(
            PivSlot.KeyManagement, PivPublicKey.FromSubjectPublicKeyInfo(peer.ExportSubjectPublicKeyInfo()), _pin, Cancel);
        using var ours = ECDiffieHellman.Create();
        ours.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        Assert.Equal(peer.DeriveRawSecretAgreement(ours.PublicKey), secret.Span.ToArray());
    }

    [Fact]
    public async Task Self_made_certificate_is_stored_and_verifies_under_its_own_key()
    {
        await using PivToken token = await OpenAsync();
        await token.GenerateAsync(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.FactoryDefault, Cancel);
        DateTimeOffset start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using X509Certificate2 made = await token.SelfSignAsync(
            PivSlot.Authentication, new X500DistinguishedName("CN=alice"), start, start.AddYears(10), _pin, Administration.FactoryDefault, Cancel);
        using X509Certificate2? stored = await token.GetCertificateAsync(PivSlot.Authentication, Cancel);
        Assert.Equal(made.RawData, Assert.IsType<X509Certificate2>(stored).RawData);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(made);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = start.AddYears(1).UtcDateTime;
        Assert.True(chain.Build(made));
    }

    [Fact]
    public void Compressed_certificate_is_read_back_whole()
    {
        using PivCard card = PivCard.OpenOwned(Connect());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=bob", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(60));
        card.PutCertificate(PivSlot.Retired(3), certificate, Administration.FactoryDefault, compress: true);
        using X509Certificate2? read = card.GetCertificate(PivSlot.Retired(3));
        Assert.Equal(certificate.RawData, Assert.IsType<X509Certificate2>(read).RawData);
    }

    [Fact]
    public void Puk_is_counted_and_its_factory_value_is_told()
    {
        using PivCard card = PivCard.OpenOwned(Connect());
        Assert.Equal(new PukState(3, true), card.GetPukState());
        Assert.Throws<PinIncorrectException>(() => card.UnblockPin(_other, _pin));
        Assert.Equal(new PukState(2, true), card.GetPukState());
        card.ChangePuk(_puk, _other);
        Assert.Equal(new PukState(3, false), card.GetPukState());
    }

    [Fact]
    public void Pin_is_counted_blocked_and_unblocked()
    {
        using PivCard card = PivCard.OpenOwned(Connect());
        Assert.Equal(new PinState(false, 3, true), card.GetPinState());
        Assert.Equal(2, Assert.Throws<PinIncorrectException>(() => card.VerifyPin(_other)).RetriesLeft);
        Assert.Equal(1, Assert.Throws<PinIncorrectException>(() => card.VerifyPin(_other)).RetriesLeft);
        Assert.Throws<PinBlockedException>(() => card.VerifyPin(_other));
        Assert.Throws<PinBlockedException>(() => card.VerifyPin(_pin));
        card.UnblockPin(_puk, _other);
        card.VerifyPin(_other);
        Assert.Equal(new PinState(true, 3, false), card.GetPinState());
    }

    [Fact]
    public void Management_key_can_be_kept_by_the_card_behind_its_pin()
    {
        using PivCard card = PivCard.OpenOwned(Connect());
        card.ProtectManagementKey(_pin, Administration.FactoryDefault);
        Assert.True(card.GetManagementKeyMetadata().IsStored);
        Assert.Throws<ManagementKeyIncorrectException>(() => card.Authenticate(Administration.FactoryDefault));
        card.Generate(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.StoredBehind(_pin));
        using var kept = new ManagementKey(PivAlgorithm.Aes256, RandomNumberGenerator.GetBytes(32));
        card.ChangeManagementKey(kept, Administration.StoredBehind(_pin));
        Assert.Equal((PivAlgorithm.Aes256, false), (card.GetManagementKeyMetadata().Algorithm, card.GetManagementKeyMetadata().IsStored));
        card.Authenticate(kept);
    }

    [Fact]
    public void Keys_are_moved_deleted_and_gone_after_a_reset()
    {
        using PivCard card = PivCard.OpenOwned(Connect());
        card.Generate(PivSlot.KeyManagement, PivAlgorithm.X25519, PinPolicy.Never, TouchPolicy.Never, Administration.FactoryDefault);
        card.MoveKey(PivSlot.KeyManagement, PivSlot.Retired(1), Administration.FactoryDefault);
        Assert.Null(card.GetMetadata(PivSlot.KeyManagement));
        Assert.NotNull(card.GetMetadata(PivSlot.Retired(1)));
        card.DeleteKey(PivSlot.Retired(1), Administration.FactoryDefault);
        Assert.Null(card.GetMetadata(PivSlot.Retired(1)));
        Assert.Throws<PivNotFoundException>(() => card.Attest(PivSlot.Retired(1)));
        card.ChangePin(_pin, _other);
        card.Reset();
        card.VerifyPin(_pin);
    }

    /// <summary>Lets go of the card.</summary>
    protected virtual void Release()
    {
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<PivToken> OpenAsync() => PivToken.OpenAsync(Connect, null, Cancel);
}

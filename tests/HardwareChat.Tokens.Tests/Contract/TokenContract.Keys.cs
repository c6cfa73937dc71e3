using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Tests.Contract;

// Keys: made, used, described, attested, moved, gone.
public abstract partial class TokenContract
{
    [Fact]
    public async Task P256_key_signs_with_a_touch_that_is_announced_and_over()
    {
        await using IToken token = await OpenAsync();
        PivPublicKey key = await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Always);
        byte[] signature = await SignAsync(token, _pin);
        Assert.Equal([TouchState.Wanted, TouchState.Touched], Touches);
        Assert.Equal(1, Touch.Asked);
        Assert.True(key.Verify("message"u8, signature));
        Assert.False(key.Verify("massage"u8, signature));
        Assert.True(EcdsaSignature.IsNormalised(PivAlgorithm.EccP256, signature));
    }

    [Fact]
    public async Task P384_key_signs()
    {
        await using IToken token = await OpenAsync();
        PivPublicKey key = await GenerateAsync(token, PivSlot.Signature, PivAlgorithm.EccP384, PinPolicy.Always);
        byte[] signature = await token.SignAsync(PivSlot.Signature, PivAlgorithm.EccP384, "message"u8.ToArray(), _pin, Cancel);
        Assert.Equal(96, signature.Length);
        Assert.True(key.Verify("message"u8, signature));
        Assert.Empty(Touches);
    }

    [Fact]
    public async Task Ed25519_key_signs_a_message_longer_than_one_short_command()
    {
        await using IToken token = await OpenAsync();
        if (!await HasAsync(Profile.HasCurve25519, "Ed25519", () => GenerateAsync(token, PivSlot.Authentication, PivAlgorithm.Ed25519)))
            return;
        PivPublicKey key = await GenerateAsync(token, PivSlot.Authentication, PivAlgorithm.Ed25519);
        byte[] message = RandomNumberGenerator.GetBytes(1500);
        byte[] signature = await token.SignAsync(PivSlot.Authentication, PivAlgorithm.Ed25519, message, _pin, Cancel);
        Assert.True(key.Verify(message, signature));
        message[^1] ^= 1;
        Assert.False(key.Verify(message, signature));
    }

    [Fact]
    public async Task Diffie_hellman_on_p256_agrees_with_the_other_side()
    {
        await using IToken token = await OpenAsync();
        PivPublicKey key = await GenerateAsync(token, PivSlot.KeyManagement);
        using var peer = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using TokenSecret secret = await token.AgreeAsync(
            PivSlot.KeyManagement, PivPublicKey.FromSubjectPublicKeyInfo(peer.ExportSubjectPublicKeyInfo()), _pin, Cancel);
        using var ours = ECDiffieHellman.Create();
        ours.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        Assert.Equal(peer.DeriveRawSecretAgreement(ours.PublicKey), secret.Span.ToArray());
    }

    [Fact]
    public async Task Diffie_hellman_on_x25519_agrees_between_two_slots()
    {
        await using IToken token = await OpenAsync();
        if (!await HasAsync(Profile.HasCurve25519, "X25519", () => GenerateAsync(token, PivSlot.KeyManagement, PivAlgorithm.X25519)))
            return;
        PivPublicKey first = await GenerateAsync(token, PivSlot.KeyManagement, PivAlgorithm.X25519);
        PivPublicKey second = await GenerateAsync(token, PivSlot.Retired(1), PivAlgorithm.X25519);
        using TokenSecret one = await token.AgreeAsync(PivSlot.KeyManagement, second, _pin, Cancel);
        using TokenSecret other = await token.AgreeAsync(PivSlot.Retired(1), first, null, Cancel);
        Assert.True(one.Matches(other));
    }

    [Fact]
    public async Task Metadata_and_attestation_tell_the_policies_the_key_was_made_with()
    {
        await using IToken token = await OpenAsync();
        PivPublicKey key = await GenerateAsync(token, PivSlot.Authentication, PivAlgorithm.EccP384, PinPolicy.Always, TouchPolicy.Cached);
        SlotMetadata metadata = Assert.IsType<SlotMetadata>(await token.GetMetadataAsync(PivSlot.Authentication, Cancel));
        Assert.Equal((PinPolicy.Always, TouchPolicy.Cached, true), (metadata.PinPolicy, metadata.TouchPolicy, metadata.IsGenerated));
        using X509Certificate2 attestation = await token.AttestAsync(PivSlot.Authentication, Cancel);
        var stated = AttestationCertificate.Parse(attestation.RawData);
        Assert.True(stated.SubjectPublicKeyInfo.Span.SequenceEqual(key.SubjectPublicKeyInfo.Span));
        Assert.Equal((PinPolicy.Always, TouchPolicy.Cached), (stated.Attestation.PinPolicy, stated.Attestation.TouchPolicy));
        Assert.Equal(Profile.HasSerial ? token.Info.Serial : null, stated.Attestation.Serial);
        Assert.Null(await token.GetMetadataAsync(PivSlot.Signature, Cancel));
        await Assert.ThrowsAsync<PivNotFoundException>(() => token.AttestAsync(PivSlot.Signature, Cancel));
    }

    [Fact]
    public async Task Token_says_what_it_is()
    {
        await using IToken token = await OpenAsync();
        Assert.Equal((Serial, Profile.Version, FormFactor.UsbAKeychain), (token.Info.Serial, token.Info.Firmware, token.Info.FormFactor));
        Assert.Null(token.Info.Problem);
    }

    [Fact]
    public async Task Self_made_certificate_is_stored_and_verifies_under_its_own_key()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication, touch: TouchPolicy.Always);
        DateTimeOffset start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using X509Certificate2 made = await token.SelfSignAsync(
            PivSlot.Authentication, new X500DistinguishedName("CN=alice"), start, start.AddYears(10), _pin, Administration.FactoryDefault, Cancel);
        Assert.Equal([TouchState.Wanted, TouchState.Touched], Touches);
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
    public async Task Long_certificate_is_written_and_read_back_whole()
    {
        await using IToken token = await OpenAsync();
        Assert.Null(await token.GetCertificateAsync(PivSlot.Retired(3), Cancel));
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=bob", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.55555.1", RandomNumberGenerator.GetBytes(1200), critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(60));
        await token.PutCertificateAsync(PivSlot.Retired(3), certificate, Administration.FactoryDefault, Cancel);
        using X509Certificate2? read = await token.GetCertificateAsync(PivSlot.Retired(3), Cancel);
        Assert.Equal(certificate.RawData, Assert.IsType<X509Certificate2>(read).RawData);
    }

    [Fact]
    public async Task Keys_are_moved_and_deleted()
    {
        await using IToken token = await OpenAsync();
        PivPublicKey key = await GenerateAsync(token, PivSlot.KeyManagement);
        if (!await HasAsync(Profile.HasMoveKey, "moving keys", () => token.MoveKeyAsync(PivSlot.KeyManagement, PivSlot.Retired(1), Administration.FactoryDefault, Cancel)))
        {
            await HasAsync(Profile.HasMoveKey, "deleting keys", () => token.DeleteKeyAsync(PivSlot.KeyManagement, Administration.FactoryDefault, Cancel));
            return;
        }

        await token.MoveKeyAsync(PivSlot.KeyManagement, PivSlot.Retired(1), Administration.FactoryDefault, Cancel);
        Assert.Null(await token.GetMetadataAsync(PivSlot.KeyManagement, Cancel));
        SlotMetadata moved = Assert.IsType<SlotMetadata>(await token.GetMetadataAsync(PivSlot.Retired(1), Cancel));
        Assert.True(moved.PublicKey.Encoded.SequenceEqual(key.Encoded));
        await token.DeleteKeyAsync(PivSlot.Retired(1), Administration.FactoryDefault, Cancel);
        Assert.Null(await token.GetMetadataAsync(PivSlot.Retired(1), Cancel));
        await Assert.ThrowsAsync<PivNotFoundException>(() => token.DeleteKeyAsync(PivSlot.Retired(1), Administration.FactoryDefault, Cancel));
    }

    [Fact]
    public async Task Empty_slot_is_named_and_wants_no_touch()
    {
        await using IToken token = await OpenAsync();
        PivNotFoundException error = await Assert.ThrowsAsync<PivNotFoundException>(() => SignAsync(token, _pin, PivSlot.Signature));
        Assert.Contains("9C", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(TouchState.Touched, Touches);
        if (Profile.HasMetadata)
            Assert.Empty(Touches);
    }

    [Fact]
    public async Task Reset_takes_keys_and_codes_back_to_the_factory()
    {
        await using IToken token = await OpenAsync();
        await GenerateAsync(token, PivSlot.Authentication);
        await token.ChangePinAsync(_pin, _other, Cancel);
        await token.ResetAsync(Cancel);
        await token.VerifyPinAsync(_pin, Cancel);
        Assert.Null(await token.GetMetadataAsync(PivSlot.Authentication, Cancel));
        await GenerateAsync(token, PivSlot.Authentication);
    }
}

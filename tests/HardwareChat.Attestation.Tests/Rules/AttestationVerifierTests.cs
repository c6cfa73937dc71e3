using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HardwareChat.Attestation.Tests.Rules;

public static class AttestationVerifierTests
{
    [Fact]
    public static void Genuine_chain_is_accepted_with_all_that_it_states()
    {
        var chain = new TestChain();
        AttestationVerdict verdict = chain.Verify(Everything(chain));

        Assert.True(verdict.IsAccepted, $"{verdict.Refusal} {verdict.Detail}");
        Assert.Equal(chain.SlotPublicKey, verdict.Key.SubjectPublicKeyInfo.ToArray());
        Assert.Equal((byte)0x9A, verdict.Key.Slot);
        Assert.Equal(new FirmwareVersion(5, 7, 1), verdict.Key.Statement.Firmware);
        Assert.Equal(12345678u, verdict.Key.Statement.Serial);
        Assert.Equal(PinPolicy.Once, verdict.Key.Statement.PinPolicy);
        Assert.Equal(TouchPolicy.Always, verdict.Key.Statement.TouchPolicy);
        Assert.Equal(FormFactor.UsbCKeychain, verdict.Key.Statement.FormFactor);
        Assert.False(verdict.Key.Statement.IsFips);
        Assert.Null(verdict.Key.RootName);
        Assert.Equal("Test Root", verdict.Key.RootSubject);
    }

    [Fact]
    public static void Root_may_be_presented_or_left_out()
    {
        var chain = new TestChain();
        byte[] root = chain.CreateRoot();
        TrustAnchors anchors = TrustAnchors.Parse([root]);
        Assert.True(TestChain.Verify([chain.CreateSlot(), chain.CreateF9(), root], anchors).IsAccepted);
        Assert.True(TestChain.Verify([chain.CreateSlot(), chain.CreateF9()], anchors).IsAccepted);
    }

    [Fact]
    public static void Issuer_that_the_token_does_not_carry_comes_from_the_anchors()
    {
        var chain = new TestChain { RootPathLength = 2 };
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] middle = TestChain.Create("CN=Test Middle", middleKey, chain.RootSubject, chain.RootKey, chain.F9Validity, TestChain.Authority(1));
        byte[] f9 = TestChain.Create(chain.F9Subject, chain.F9Key, "CN=Test Middle", middleKey, chain.F9Validity, TestChain.Authority(0));

        Assert.True(TestChain.Verify([chain.CreateSlot(), f9], chain.Anchors(middle)).IsAccepted);
        AttestationVerdict without = TestChain.Verify([chain.CreateSlot(), f9], chain.Anchors());
        Assert.Equal(AttestationRefusal.IssuerUnknown, without.Refusal);
        Assert.Equal("Test Middle", without.Detail);
    }

    [Fact]
    public static void Empty_chain_is_refused_as_missing()
        => Refused(AttestationRefusal.Missing, TestChain.Verify([], new TestChain().Anchors()));

    [Fact]
    public static void Bytes_that_are_no_certificate_are_refused_as_malformed()
        => Refused(AttestationRefusal.Malformed, TestChain.Verify([[1, 2, 3]], new TestChain().Anchors()));

    [Fact]
    public static void Chain_of_seven_is_refused_as_too_long()
    {
        var chain = new TestChain();
        Refused(AttestationRefusal.ChainTooLong, TestChain.Verify([.. Enumerable.Repeat(chain.CreateSlot(), 7)], chain.Anchors()));
    }

    [Fact]
    public static void Intermediates_that_lead_in_a_circle_are_refused_as_too_long()
    {
        var chain = new TestChain();
        byte[] a = TestChain.Create(chain.RootSubject + " A", chain.RootKey, chain.RootSubject + " B", chain.RootKey, chain.F9Validity, TestChain.Authority(null));
        byte[] b = TestChain.Create(chain.RootSubject + " B", chain.RootKey, chain.RootSubject + " A", chain.RootKey, chain.F9Validity, TestChain.Authority(null));
        byte[] f9 = TestChain.Create(chain.F9Subject, chain.F9Key, chain.RootSubject + " A", chain.RootKey, chain.F9Validity, TestChain.Authority(0));
        Refused(AttestationRefusal.ChainTooLong, TestChain.Verify([chain.CreateSlot(), f9], chain.Anchors(a, b)));
    }

    [Fact]
    public static void Certificate_that_somebody_made_for_the_slot_is_not_an_attestation()
    {
        var chain = new TestChain();
        byte[] selfMade = TestChain.Create("CN=alice", chain.SlotKey, "CN=alice", chain.SlotKey, chain.SlotValidity, []);
        Refused(AttestationRefusal.NotAnAttestation, TestChain.Verify([selfMade, chain.CreateF9()], chain.Anchors()));
    }

    [Fact]
    public static void Chain_out_of_order_is_refused()
    {
        var chain = new TestChain { RootPathLength = 2 };
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] middle = TestChain.Create("CN=Test Middle", middleKey, chain.RootSubject, chain.RootKey, chain.F9Validity, TestChain.Authority(1));
        byte[] f9 = TestChain.Create(chain.F9Subject, chain.F9Key, "CN=Test Middle", middleKey, chain.F9Validity, TestChain.Authority(0));
        Assert.True(TestChain.Verify([chain.CreateSlot(), f9, middle], chain.Anchors()).IsAccepted);
        Refused(AttestationRefusal.ChainOutOfOrder, TestChain.Verify([chain.CreateSlot(), middle, f9], chain.Anchors()));
    }

    [Fact]
    public static void Certificates_behind_the_root_are_refused_as_out_of_order()
    {
        var chain = new TestChain();
        byte[] root = chain.CreateRoot();
        Refused(AttestationRefusal.ChainOutOfOrder, TestChain.Verify([chain.CreateSlot(), chain.CreateF9(), root, root], TrustAnchors.Parse([root])));
    }

    [Fact]
    public static void Chain_to_a_root_that_nobody_trusts_is_refused()
    {
        var chain = new TestChain();
        var other = new TestChain { RootSubject = "CN=Another Root" };
        Refused(AttestationRefusal.IssuerUnknown, TestChain.Verify([chain.CreateSlot(), chain.CreateF9()], other.Anchors()));
        Refused(AttestationRefusal.IssuerUnknown, TestChain.Verify([chain.CreateSlot(), chain.CreateF9(), chain.CreateRoot()], other.Anchors()));
    }

    [Fact]
    public static void Chain_to_another_root_of_the_same_name_is_refused()
    {
        var chain = new TestChain();
        Refused(AttestationRefusal.SignatureInvalid, TestChain.Verify([chain.CreateSlot(), chain.CreateF9()], new TestChain().Anchors()));
        Refused(AttestationRefusal.IssuerUnknown, TestChain.Verify([chain.CreateSlot(), chain.CreateF9(), chain.CreateRoot()], new TestChain().Anchors()));
    }

    [Fact]
    public static void Slot_certificate_that_f9_did_not_sign_is_refused()
    {
        var chain = new TestChain();
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Refused(AttestationRefusal.SignatureInvalid, TestChain.Verify([chain.CreateSlotSignedBy(chain.F9Subject, stranger), chain.CreateF9()], chain.Anchors()));
    }

    [Fact]
    public static void Flipped_bit_in_what_is_signed_is_refused()
    {
        var chain = new TestChain();
        byte[] slot = chain.CreateSlot();
        int serial = slot.AsSpan().IndexOf(chain.Serial);
        slot[serial + chain.Serial!.Length - 1] ^= 1;
        Refused(AttestationRefusal.SignatureInvalid, TestChain.Verify([slot, chain.CreateF9()], chain.Anchors()));
    }

    [Fact]
    public static void Signature_with_sha_1_is_refused()
    {
        var chain = new TestChain();
        byte[] slot = chain.CreateSlot();
        byte[] sha256 = Convert.FromHexString("06082A8648CE3D040302"), sha1 = Convert.FromHexString("06082A8648CE3D040301");
        for (int at = slot.AsSpan().IndexOf(sha256); at >= 0; at = slot.AsSpan().IndexOf(sha256))
            sha1.CopyTo(slot, at);
        Refused(AttestationRefusal.SignatureAlgorithmRefused, TestChain.Verify([slot, chain.CreateF9()], chain.Anchors()));
    }

    [Theory]
    [InlineData(1024, AttestationRefusal.SignatureInvalid)]
    [InlineData(2048, null)]
    public static void Rsa_key_of_less_than_2048_bits_signs_nothing(int bits, AttestationRefusal? refusal)
    {
        var chain = new TestChain();
        using var weak = RSA.Create(bits);
        byte[] f9 = TestChain.Create(chain.F9Subject, weak, chain.RootSubject, chain.RootKey, chain.F9Validity, TestChain.Authority(0));
        var request = new CertificateRequest(chain.SlotSubject, chain.SlotKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(TestChain.Extension("1.3.6.1.4.1.41482.3.3", [5, 7, 1]));
        using X509Certificate2 slot = request.Create(
            new X500DistinguishedName(chain.F9Subject), X509SignatureGenerator.CreateForRSA(weak, RSASignaturePadding.Pkcs1), chain.SlotValidity.From, chain.SlotValidity.To, [1]);
        Assert.Equal(refusal, TestChain.Verify([slot.RawData, f9], chain.Anchors()).Refusal);
    }

    [Fact]
    public static void Signature_of_another_rsa_key_or_with_a_flipped_bit_is_refused()
    {
        var chain = new TestChain();
        using var f9Key = RSA.Create(2048);
        using var stranger = RSA.Create(2048);
        byte[] f9 = TestChain.Create(chain.F9Subject, f9Key, chain.RootSubject, chain.RootKey, chain.F9Validity, TestChain.Authority(0));
        byte[] SlotBy(RSA key)
        {
            var request = new CertificateRequest(chain.SlotSubject, chain.SlotKey, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(TestChain.Extension("1.3.6.1.4.1.41482.3.3", [5, 7, 1]));
            using X509Certificate2 slot = request.Create(
                new X500DistinguishedName(chain.F9Subject), X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), chain.SlotValidity.From, chain.SlotValidity.To, [1]);
            return slot.RawData;
        }
        byte[] good = SlotBy(f9Key);
        Assert.True(TestChain.Verify([good, f9], chain.Anchors()).IsAccepted);
        good[^1] ^= 1;
        Refused(AttestationRefusal.SignatureInvalid, TestChain.Verify([good, f9], chain.Anchors()));
        Refused(AttestationRefusal.SignatureInvalid, TestChain.Verify([SlotBy(stranger), f9], chain.Anchors()));
    }

    [Fact]
    public static void Certificate_that_is_not_version_3_or_names_two_algorithms_is_malformed()
    {
        var chain = new TestChain();
        byte[] version = chain.CreateSlot();
        version[version.AsSpan().IndexOf(Convert.FromHexString("A003020102")) + 4] = 1;
        Refused(AttestationRefusal.Malformed, TestChain.Verify([version, chain.CreateF9()], chain.Anchors()));

        // ecdsa-with-SHA384 outside, ecdsa-with-SHA256 in what is signed.
        byte[] algorithm = chain.CreateSlot();
        byte[] sha256 = Convert.FromHexString("06082A8648CE3D040302");
        algorithm[algorithm.AsSpan().LastIndexOf(sha256) + sha256.Length - 1] = 3;
        Refused(AttestationRefusal.Malformed, TestChain.Verify([algorithm, chain.CreateF9()], chain.Anchors()));
    }

    [Fact]
    public static void Root_without_basic_constraints_is_excused_in_no_firmware()
    {
        var chain = new TestChain { Firmware = [5, 2, 4] };
        byte[] root = TestChain.Create(chain.RootSubject, chain.RootKey, chain.RootSubject, chain.RootKey, (TestChain.Now.AddYears(-10), TestChain.Now.AddYears(30)), []);
        Refused(AttestationRefusal.IssuerIsNoAuthority, TestChain.Verify([chain.CreateSlot(), chain.CreateF9()], TrustAnchors.Parse([root])));
    }

    [Fact]
    public static void Issuer_that_is_no_authority_is_refused()
    {
        Refused(AttestationRefusal.IssuerIsNoAuthority, new TestChain { F9IsAuthority = false }.Verify());
        Refused(AttestationRefusal.IssuerIsNoAuthority, new TestChain { F9HasConstraints = false }.Verify());
        Refused(AttestationRefusal.IssuerIsNoAuthority, new TestChain { F9Usage = X509KeyUsageFlags.DigitalSignature }.Verify());
    }

    // Yubico/yubikey-manager#522
    [Fact]
    public static void F9_without_basic_constraints_is_excused_in_firmware_5_2_4_only()
    {
        Assert.True(new TestChain { F9HasConstraints = false, Firmware = [5, 2, 4] }.Verify().IsAccepted);
        Refused(AttestationRefusal.IssuerIsNoAuthority, new TestChain { F9HasConstraints = false, Firmware = [5, 2, 3] }.Verify());
        Refused(AttestationRefusal.IssuerIsNoAuthority, new TestChain { F9HasConstraints = false, Firmware = null }.Verify());
        Refused(AttestationRefusal.IssuerIsNoAuthority, new TestChain { F9IsAuthority = false, Firmware = [5, 2, 4] }.Verify());
    }

    [Fact]
    public static void Owner_of_a_token_cannot_put_the_slot_certificate_in_the_place_of_f9()
    {
        var genuine = new TestChain { RootPathLength = null };
        var forged = new TestChain { Firmware = [5, 2, 4], SlotSubject = "CN=Test PIV Attestation 9c" };
        byte[] slot = genuine.CreateSlot();
        byte[] forgery = forged.CreateSlotSignedBy(genuine.SlotSubject, genuine.SlotKey);
        Refused(AttestationRefusal.IssuerIsNoAuthority, TestChain.Verify([forgery, slot, genuine.CreateF9()], genuine.Anchors()));
    }

    [Fact]
    public static void More_authorities_than_the_path_length_allows_are_refused()
    {
        Refused(AttestationRefusal.PathLengthExceeded, new TestChain { RootPathLength = 0 }.Verify());
        Assert.True(new TestChain { RootPathLength = null }.Verify().IsAccepted);
    }

    [Fact]
    public static void Critical_extension_that_is_unknown_is_refused()
    {
        var chain = new TestChain();
        chain.MoreSlotExtensions.Add(TestChain.Extension("2.5.29.30", [0x30, 0x00], critical: true));
        AttestationVerdict verdict = chain.Verify();
        Refused(AttestationRefusal.CriticalExtensionUnknown, verdict);
        Assert.Contains("2.5.29.30", verdict.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public static void Validity_is_judged_at_the_given_time_for_each_certificate()
    {
        var chain = new TestChain();
        Refused(AttestationRefusal.NotYetValid, chain.Verify(at: chain.SlotValidity.From.AddSeconds(-1)));
        Assert.True(chain.Verify(at: chain.SlotValidity.From).IsAccepted);
        Assert.True(chain.Verify(at: chain.SlotValidity.To).IsAccepted);
        Refused(AttestationRefusal.Expired, chain.Verify(at: chain.SlotValidity.To.AddSeconds(1)));

        Refused(AttestationRefusal.Expired, new TestChain { F9Validity = (TestChain.Now.AddYears(-2), TestChain.Now.AddDays(-1)) }.Verify());
        Refused(AttestationRefusal.NotYetValid, new TestChain { F9Validity = (TestChain.Now.AddDays(1), TestChain.Now.AddYears(1)) }.Verify());
    }

    [Fact]
    public static void Attestation_of_another_key_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Refused(AttestationRefusal.KeyMismatch, new TestChain().Verify(new AttestationRequirement { SubjectPublicKeyInfo = other.ExportSubjectPublicKeyInfo() }));
    }

    [Fact]
    public static void Attestation_of_another_slot_or_of_none_is_refused()
    {
        var requirement = new AttestationRequirement { Slot = 0x9A };
        Refused(AttestationRefusal.WrongSlot, new TestChain { SlotSubject = "CN=Test PIV Attestation 9c" }.Verify(requirement));
        Refused(AttestationRefusal.SlotUnknown, new TestChain { SlotSubject = "CN=Test" }.Verify(requirement));
        Refused(AttestationRefusal.SlotUnknown, new TestChain { SlotSubject = "CN=Test PIV Attestation 9a9c" }.Verify(requirement));
        Assert.True(new TestChain { SlotSubject = "CN=Test PIV Attestation 9A" }.Verify(requirement).IsAccepted);
    }

    [Fact]
    public static void Attestation_of_another_token_or_of_none_is_refused()
    {
        var requirement = new AttestationRequirement { Serial = 1 };
        Refused(AttestationRefusal.SerialMismatch, new TestChain().Verify(requirement));
        Refused(AttestationRefusal.SerialUnknown, new TestChain { Serial = null }.Verify(requirement));
    }

    [Fact]
    public static void Firmware_below_the_minimum_or_unstated_is_refused()
    {
        var requirement = new AttestationRequirement { MinimumFirmware = new FirmwareVersion(5, 7, 0) };
        Refused(AttestationRefusal.FirmwareTooOld, new TestChain { Firmware = [5, 4, 3] }.Verify(requirement));
        Refused(AttestationRefusal.FirmwareUnknown, new TestChain { Firmware = null }.Verify(requirement));
        Assert.True(new TestChain { Firmware = [5, 7, 0] }.Verify(requirement).IsAccepted);
    }

    [Theory]
    [InlineData(1, 1, AttestationRefusal.PinPolicyRefused)]
    [InlineData(1, 2, AttestationRefusal.PinPolicyRefused)]
    [InlineData(2, 1, AttestationRefusal.TouchPolicyRefused)]
    [InlineData(2, 3, AttestationRefusal.TouchPolicyRefused)]
    [InlineData(3, 3, AttestationRefusal.TouchPolicyRefused)]
    public static void Policies_that_are_not_allowed_are_refused(byte pin, byte touch, AttestationRefusal refusal)
        => Refused(refusal, new TestChain { Policy = [pin, touch] }.Verify(Policies));

    [Fact]
    public static void Unstated_policy_is_unknown_and_never_fine()
        => Refused(AttestationRefusal.PolicyUnknown, new TestChain { Policy = null }.Verify(Policies));

    [Fact]
    public static void Every_refusal_is_named_by_a_test()
    {
        string source = File.ReadAllText(SourcePath());
        Assert.All(Enum.GetNames<AttestationRefusal>(), name => Assert.Contains($"{nameof(AttestationRefusal)}.{name}", source, StringComparison.Ordinal));
    }

    private static AttestationRequirement Policies { get; } = new()
    {
        PinPolicies = new HashSet<PinPolicy> { PinPolicy.Once, PinPolicy.Always },
        TouchPolicies = new HashSet<TouchPolicy> { TouchPolicy.Always },
    };

    private static AttestationRequirement Everything(TestChain chain) => Policies with
    {
        SubjectPublicKeyInfo = chain.SlotPublicKey,
        Slot = 0x9A,
        Serial = 12345678,
        MinimumFirmware = new FirmwareVersion(5, 7, 0),
    };

    private static void Refused(AttestationRefusal expected, AttestationVerdict verdict)
    {
        Assert.Equal(expected, verdict.Refusal);
        Assert.False(verdict.IsAccepted);
    }

    private static string SourcePath([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;
}

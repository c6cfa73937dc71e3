using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Enrolment.Tests;

public sealed class PivEvidenceTests
{
    private readonly AttestedToken _token = new();
    private readonly PivEvidence _check = new();

    [Fact]
    public void Keys_born_in_one_token_with_the_policies_asked_for_are_accepted()
    {
        Assert.Null(_check.Check(_token.Question()));
        TokenEvidence memberOnly = _token.Evidence() with { Signature = default };
        Assert.Null(_check.Check(_token.Question(memberOnly) with { Token = _token.Enrolment(admin: false) }));
    }

    [Fact]
    public void Malformed_evidence_or_roots_are_refused()
    {
        Assert.Equal(EvidenceFault.Malformed, _check.Check(_token.Question() with { Blob = new byte[] { 1, 2, 3 } }));
        var noRoots = new RegistryPolicy { Version = 0, AttestationRoots = [] };
        Assert.Equal(EvidenceFault.Malformed, _check.Check(_token.Question(policy: noRoots)));
    }

    [Fact]
    public void Attack_54_UntrustedRoot_of_a_simulated_token_is_refused()
    {
        Assert.Equal(EvidenceFault.UntrustedRoot, _check.Check(_token.Question(policy: new AttestedToken { RootName = "CN=Another Root" }.Policy)));
        Assert.Equal(EvidenceFault.Signature, _check.Check(_token.Question(policy: new AttestedToken().Policy)));
    }

    [Fact]
    public void Attack_54_Imported_keys_have_no_attestation()
        => Assert.Equal(EvidenceFault.Imported, _check.Check(_token.Question(_token.Evidence() with { Authentication = default })));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Attack_54_TouchPolicy_never_or_cached_is_refused_but_for_a_bot(byte touch)
    {
        _token.Policy9A = [2, touch];
        Assert.Equal(EvidenceFault.TouchPolicy, _check.Check(_token.Question()));
        Assert.Null(_check.Check(_token.Question(role: Role.Bot)));
    }

    [Fact]
    public void Attack_54_Firmware_below_the_policys_is_refused_and_a_lowered_policy_takes_it()
    {
        _token.Firmware = [5, 4, 3];
        Assert.Equal(EvidenceFault.Firmware, _check.Check(_token.Question()));
        var lowered = new RegistryPolicy { Version = 0, AttestationRoots = [_token.Root], MinimumFirmware = new FirmwareVersion(5, 4, 0) };
        Assert.Null(_check.Check(_token.Question(policy: lowered)));
    }

    [Fact]
    public void Attack_54_OtherSlot_is_refused()
    {
        _token.Slot9A = "9e";
        Assert.Equal(EvidenceFault.OtherSlot, _check.Check(_token.Question()));
    }

    [Fact]
    public void PinPolicy_never_is_refused_and_9C_wants_it_always()
    {
        _token.Policy9A = [1, 2];
        Assert.Equal(EvidenceFault.PinPolicy, _check.Check(_token.Question()));
        _token.Policy9A = [2, 2];
        _token.Policy9C = [2, 2];
        Assert.Equal(EvidenceFault.PinPolicy, _check.Check(_token.Question()));
    }

    [Fact]
    public void OtherKey_for_another_tokens_attestation_or_one_too_many()
    {
        Assert.Equal(EvidenceFault.OtherKey, _check.Check(_token.Question() with { Token = new AttestedToken().Enrolment() }));
        Assert.Equal(EvidenceFault.OtherKey, _check.Check(_token.Question() with { Token = _token.Enrolment(admin: false) }));
    }

    [Fact]
    public void OtherDevice_for_keys_of_two_tokens()
    {
        _token.SerialOf9C = 4712;
        Assert.Equal(EvidenceFault.OtherDevice, _check.Check(_token.Question()));
    }

    // What the vault is wrapped for: a key of another token, of no token, without a PIN or of another slot would open it elsewhere.
    [Fact]
    public void A_9D_that_is_not_this_tokens_own_is_refused()
    {
        Assert.Null(_check.Check(_token.Question(_token.Evidence() with { Agreement = _token.Evidence().Agreement })));
        Assert.Equal(EvidenceFault.Imported, _check.Check(_token.Question(_token.Evidence() with { Agreement = default })));
        Assert.Equal(EvidenceFault.OtherKey, _check.Check(_token.Question(_token.Evidence() with { Agreement = _token.Evidence().Signature })));
        Assert.Equal(EvidenceFault.Signature, _check.Check(_token.Question(_token.Evidence() with { Agreement = new AttestedToken().Evidence().Agreement })));
        _token.SerialOf9D = 4712;
        Assert.Equal(EvidenceFault.OtherDevice, _check.Check(_token.Question()));
        _token.SerialOf9D = 4711;
        _token.Policy9D = [1, 1];
        Assert.Equal(EvidenceFault.PinPolicy, _check.Check(_token.Question()));
    }

    [Fact]
    public void Issuers_are_five_at_most()
    {
        TokenEvidence evidence = _token.Evidence();
        TokenEvidence With(int issuers) => evidence with { Issuers = [.. Enumerable.Repeat(evidence.Issuers[0], issuers)] };
        Assert.Equal(5, TokenEvidence.Decode(TlsWriter.Encode(With(5))).Issuers.Count);
        Assert.Throws<DecodeException>(() => TokenEvidence.Decode(TlsWriter.Encode(With(6))));
    }

    [Fact]
    public void Dates_are_judged_at_appended_at()
    {
        Assert.Equal(EvidenceFault.Dates, _check.Check(_token.Question(at: AttestedToken.Now + (2UL * 365 * 24 * 3600))));
        Assert.Equal(EvidenceFault.Dates, _check.Check(_token.Question(at: ulong.MaxValue)));
    }

    [Fact]
    public void Signature_of_a_chain_must_verify()
    {
        TokenEvidence evidence = _token.Evidence();
        byte[] broken = evidence.Authentication.ToArray();
        broken[^1] ^= 1;
        Assert.Equal(EvidenceFault.Signature, _check.Check(_token.Question(evidence with { Authentication = broken })));
    }

    [Fact]
    public void Every_fault_is_named_by_a_test()
        => Assert.All(Enum.GetNames<EvidenceFault>(), name => Assert.Contains(typeof(PivEvidenceTests).GetMethods(), method => method.Name.Split('_').Contains(name)));

    [Fact(Explicit = true)]
    public void Write_the_fuzz_corpus()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !Directory.Exists(Path.Combine(root.FullName, "tests", "HardwareChat.Fuzz", "corpus")))
            root = root.Parent;
        string folder = Path.Combine(root!.FullName, "tests", "HardwareChat.Fuzz", "corpus", "Enrolment.TokenEvidence");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "three-keys.bin"), TlsWriter.Encode(_token.Evidence()));
    }

    [Fact]
    public void Evidence_has_one_encoding_and_no_trailing_bytes()
    {
        byte[] bytes = TlsWriter.Encode(_token.Evidence());
        TokenEvidence.Fuzz(bytes);
        Assert.Throws<DecodeException>(() => TokenEvidence.Decode([.. bytes, 0]));
    }
}

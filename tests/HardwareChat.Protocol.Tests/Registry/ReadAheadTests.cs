namespace HardwareChat.Protocol.Tests;

/// <summary>What a replica asks before a leaf's turn changes nothing but when it is asked.</summary>
public sealed class ReadAheadTests
{
    private readonly TestCommunity _community = new();

    [Fact]
    public void A_long_log_is_taken_in_stretches_with_every_enrolment_judged_once()
    {
        const int Users = 300;
        for (int i = 0; i < Users; i++)
            _community.Enrol($"u{i}", SignatureScheme.Ed25519, admin: false);
        int asked = 0;
        _community.Evidence = _ =>
        {
            Interlocked.Increment(ref asked);
            return null;
        };
        RegistryReplica replica = _community.Replica();
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves, _community.Checkpoint()));
        Assert.Equal(_community.State.Root, replica.State.Root);
        // alice founded it, and each of the others enrolled.
        Assert.Equal(Users + 1, asked);
    }

    [Fact]
    public void A_wrong_guess_of_the_policy_is_asked_again()
    {
        TestToken alice = _community.Token("alice");
        var next = new RegistryPolicy { Version = 1, AttestationRoots = [], MinimumFirmware = new FirmwareVersion(5, 7, 4) };
        ulong before = _community.State.Size;
        _community.Append(_community.Sign(new PolicyChange(next), alice.As9C));
        _community.Enrol("bob");
        var firmwares = new HashSet<FirmwareVersion>();
        _community.Evidence = question =>
        {
            lock (firmwares)
                firmwares.Add(question.Policy.MinimumFirmware);
            return question.Policy.MinimumFirmware < new FirmwareVersion(5, 7, 4) ? EvidenceFault.Firmware : null;
        };
        RegistryReplica replica = Behind(before);
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves[(int)before..], _community.Checkpoint()));
        Assert.Equal(2, firmwares.Count);
    }

    [Fact]
    public void A_signature_under_another_key_than_the_guessed_one_is_refused()
    {
        // mallory's key verifies, and stands for bob's TokenId nowhere: the machine asks for the key that bob has.
        _community.Enrol("bob");
        TestToken mallory = TestToken.Create();
        SignedStatement forged = _community.Sign(
            new SignOut(_community.Token("bob").Id), statement => mallory.As9A(statement) with { Signer = _community.Token("bob").Id.Value });
        _community.AssertReplicaStops(RegistryRule.Signature, forged);
    }

    [Fact]
    public void The_leaves_before_a_malformed_one_are_judged_first()
    {
        byte[][] leaves = _community.EncodedLeaves;
        RegistryReplica replica = _community.Replica();
        Assert.Equal(HeadVerdict.Stopped, replica.Accept([.. leaves, [1, 2, 3]], _community.Checkpoint()));
        Assert.Equal((RegistryRule.Malformed, (ulong)leaves.Length), (replica.Stop!.Rule, replica.Stop.Index));
    }

    [Fact]
    public void Whoever_judged_the_evidence_already_is_not_asked_for_it_by_a_replica_either()
    {
        TestToken bob = _community.Enrol("bob");
        _community.LoseEvidence(bob);
        var replica = new RegistryReplica(_community.State.Id, EvidenceJudge.AlreadyJudged);
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves, _community.Checkpoint()));
    }

    private RegistryReplica Behind(ulong size)
    {
        EvidenceCheck check = _community.Evidence;
        _community.Evidence = static _ => null;
        RegistryReplica replica = _community.Replica();
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(_community.EncodedLeaves[..(int)size], _community.Checkpoint(size)));
        _community.Evidence = check;
        return replica;
    }
}

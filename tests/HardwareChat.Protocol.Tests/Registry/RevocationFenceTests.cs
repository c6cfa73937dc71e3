namespace HardwareChat.Protocol.Tests;

public sealed class RevocationFenceTests
{
    private readonly TestCommunity _community = new();
    private readonly RevocationFence _fence = new();

    [Fact]
    public void A_withheld_revocation_fences_at_once_and_settles_when_the_log_holds_it()
    {
        TestToken bob = _community.Enrol("bob");
        SignedStatement revoke = _community.RevokeStatement(bob, _community.Token("alice"));
        Assert.False(_fence.Covers(_community.State, bob.Id));
        Assert.Null(_fence.Take(_community.State, revoke));
        Assert.True(_fence.Covers(_community.State, bob.Id));
        Assert.Single(_fence.Pending);
        _community.Append(revoke);
        Assert.False(_fence.Covers(_community.State, bob.Id));
        _fence.Settle(_community.State);
        Assert.Empty(_fence.Pending);
    }

    [Fact]
    public void A_revocation_that_the_relay_superseded_still_fences()
    {
        TestToken bob = _community.Enrol("bob");
        _community.AddToken("bob");
        SignedStatement revoke = _community.RevokeStatement(bob, _community.Token("alice"));
        _community.Append(_community.Sign(new SignOut(bob.Id), bob.As9A));
        Assert.Equal(RegistryRule.Superseded, _community.Refused(revoke));
        Assert.Null(_fence.Take(_community.State, revoke));
        Assert.True(_fence.Covers(_community.State, bob.Id));
    }

    [Fact]
    public void Also_added_tokens_are_fenced_too()
    {
        TestToken bob = _community.Enrol("bob");
        TestToken added = _community.AddToken("bob");
        Assert.Null(_fence.Take(_community.State, _community.RevokeStatement(bob, _community.Token("alice"), alsoAdded: true)));
        Assert.True(_fence.Covers(_community.State, added.Id));
    }

    [Fact]
    public void Nothing_but_a_signed_revoke_or_sign_out_on_this_history_fences()
    {
        TestToken bob = _community.Enrol("bob");
        SignedStatement forged = _community.RevokeStatement(bob, _community.Token("alice"));
        forged.Signatures[0].Signature[3] ^= 1;
        Assert.Equal(RegistryRule.Signature, _fence.Take(_community.State, forged));
        SignedStatement byBob = _community.Sign(new Revoke(_community.Token("alice").Id, RevocationReason.Lost, 0, false), bob.As9A);
        Assert.Equal(RegistryRule.SignerNotEntitled, _fence.Take(_community.State, byBob));
        Assert.Equal(RegistryRule.UnknownKind, _fence.Take(_community.State, _community.RoleStatement("bob", Role.Admin)));
        var other = new TestCommunity();
        Assert.Equal(RegistryRule.OtherRegistry, _fence.Take(_community.State, other.RevokeStatement(other.Token("alice"), other.Token("alice"))));
        RegistryState shorter = _community.State;
        _community.Enrol("carol");
        Assert.Equal(RegistryRule.BaseSize, _fence.Take(shorter, _community.RevokeStatement(bob, _community.Token("alice"))));
        Assert.Empty(_fence.Pending);
    }
}

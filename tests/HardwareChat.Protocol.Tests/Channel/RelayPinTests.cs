using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>Pins, successions and admissions over a registry that is really one.</summary>
public sealed class RelayPinTests
{
    private readonly TestCommunity _community = new();

    private static Digest Raw(Key key) => TestCommunity.Raw(key);

    private SignedStatement Change(Key successor, ulong? baseSize = null, Func<Statement, StatementSignature>? signer = null)
        => _community.Sign(new RelayChange(Raw(successor)), baseSize, signer ?? _community.Token("alice").As9C);

    [Fact]
    public void The_replicas_own_relay_key_is_the_pin()
    {
        using Key stranger = ChannelFixture.Ed25519(9);
        RelayKeyCheck pin = RelayPin.Of(_community.State);
        Assert.True(pin(Raw(_community.RelayIdentity), null));
        Assert.False(pin(Raw(stranger), null));
    }

    [Fact]
    public void A_successor_is_believed_by_a_statement_that_the_replica_has_not_heard_of()
    {
        using Key successor = ChannelFixture.Ed25519(9);
        RelayKeyCheck before = RelayPin.Of(_community.State);
        SignedStatement change = _community.Append(Change(successor));
        Assert.True(before(Raw(successor), change));
        Assert.True(RelayPin.Of(_community.State)(Raw(successor), null));
    }

    [Fact]
    public void A_successor_is_believed_when_its_statement_stands_on_a_longer_history()
    {
        RelayKeyCheck before = RelayPin.Of(_community.State);
        _community.Enrol("bob");
        using Key successor = ChannelFixture.Ed25519(9);
        Assert.True(before(Raw(successor), Change(successor)));
    }

    [Fact]
    public void A_statement_for_another_key_or_by_nobody_who_may_or_on_another_history_is_not_believed()
    {
        TestToken bob = _community.Enrol("bob");
        RelayKeyCheck pin = RelayPin.Of(_community.State);
        using Key successor = ChannelFixture.Ed25519(9);
        using Key other = ChannelFixture.Ed25519(10);
        Assert.False(pin(Raw(other), Change(successor)));
        Assert.False(pin(Raw(successor), Change(successor, signer: bob.As9C)));
        Assert.False(pin(Raw(successor), Change(successor, signer: _community.Token("alice").As9A)));
        Assert.False(RelayPin.Of(new TestCommunity().State)(Raw(successor), Change(successor)));
        var elsewhere = new Statement
        {
            RegistryId = _community.State.Id,
            BaseSize = 1,
            BaseRoot = MerkleTree.EmptyRoot,
            SignedAt = 0,
            Body = new RelayChange(Raw(successor)),
        };
        Assert.False(pin(Raw(successor), new SignedStatement(elsewhere, [_community.Token("alice").As9C(elsewhere)])));
    }

    [Fact]
    public void Attack_10_A_retired_key_does_not_come_back_by_its_old_statement()
    {
        using Key second = ChannelFixture.Ed25519(9);
        using Key third = ChannelFixture.Ed25519(10);
        SignedStatement toSecond = _community.Append(Change(second));
        _community.Append(Change(third));
        Assert.False(RelayPin.Of(_community.State)(Raw(second), toSecond));
        Assert.False(RelayPin.Of(_community.State)(Raw(_community.RelayIdentity), null));
    }

    [Fact]
    public void A_relay_admits_by_its_registry()
    {
        TestToken bob = _community.Enrol("bob");
        using Key channelKey = ChannelFixture.X25519(3);
        byte[] s = channelKey.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        ClientAuth grant = Grant(bob, s);
        ulong now = _community.Time;
        Assert.Equal(now + 3600, ChannelAdmission.Of(_community.State).Check(grant, s, now));

        _community.Append(_community.Sign(new SignOut(bob.Id), bob.As9A));
        ChannelRuleTests.AssertBreaks(ChannelRule.SessionIsNotSignedOut, () => ChannelAdmission.Of(_community.State).Check(grant, s, now));
        ClientAuth renewed = Grant(bob, s);
        ChannelAdmission.Of(_community.State).Check(renewed, s, now);

        _community.Append(_community.RevokeStatement(bob, _community.Token("alice")));
        ChannelRuleTests.AssertBreaks(ChannelRule.TokenIsNotRevoked, () => ChannelAdmission.Of(_community.State).Check(renewed, s, now));
    }

    [Fact]
    public void A_relay_learns_whose_channels_a_leaf_ends()
    {
        TestToken first = _community.Enrol("bob");
        TestToken second = _community.AddToken("bob");
        Assert.Empty(_community.State.LastPutOut);
        _community.Append(_community.Sign(new SignOut(second.Id), first.As9A));
        Assert.Equal([second.Id], _community.State.LastPutOut);
        _community.Append(_community.RevokeStatement(first, _community.Token("alice"), alsoAdded: true));
        Assert.Equal([first.Id, second.Id], _community.State.LastPutOut);
        _community.Enrol("carol");
        Assert.Empty(_community.State.LastPutOut);
    }

    [Fact]
    public void A_guest_is_admitted_until_the_invite_is_used_or_expired()
    {
        using Key invite = _community.Invite();
        using Key channelKey = ChannelFixture.X25519(3);
        byte[] s = channelKey.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        ClientAuth guest = ClientAuth.Guest.Sign(invite, RelayId.OfKey(Raw(_community.RelayIdentity).ToArray()), s);
        ChannelAdmission.Of(_community.State).Check(guest, s, _community.Time);
        ChannelRuleTests.AssertBreaks(ChannelRule.InviteIsOpen, () => ChannelAdmission.Of(_community.State).Check(guest, s, _community.Time + 3601));
        _community.Append(_community.EnrolStatement("bob", _community.NewToken("bob"), invite));
        ChannelRuleTests.AssertBreaks(ChannelRule.InviteIsOpen, () => ChannelAdmission.Of(_community.State).Check(guest, s, _community.Time));
    }

    private ClientAuth.Member Grant(TestToken token, byte[] channelKey)
    {
        using Key session = ChannelFixture.Ed25519(5);
        RegistryState state = _community.State;
        ulong notAfter = _community.Time + 3600;
        var draft = new TouchDraft(
            state.Token(token.Id)!, state, ChannelFixture.Verifying(session),
            [GrantItem.ForChannel(RelayId.OfKey(state.RelayKey.ToArray()), channelKey, notAfter)], _community.Time, notAfter);
        return new ClientAuth.Member(draft.Complete(token.Sign(draft.SigningInput()))[0]);
    }
}

using System.Reflection;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>Each check of the channel, broken alone.</summary>
public sealed class ChannelRuleTests : IDisposable
{
    private readonly ChannelFixture _f = new();

    public void Dispose() => _f.Dispose();

    [Fact]
    public void Every_rule_is_broken_by_exactly_one_test()
    {
        IEnumerable<ChannelRule> broken = typeof(ChannelRuleTests).Assembly.GetTypes().SelectMany(static type => type.GetMethods())
            .SelectMany(static method => method.GetCustomAttributes<BreaksAttribute>()).Select(static breaks => breaks.Rule);
        Assert.Equal(Enum.GetValues<ChannelRule>().Order(), broken.Order());
    }

    [Fact]
    public void A_handshake_of_honest_ends_gives_a_channel()
    {
        (SecureChannel client, SecureChannel relay) = _f.Connect();
        Assert.Equal(client.HandshakeHash, relay.HandshakeHash);
        Assert.Equal(ChannelFixture.Now + 3600, client.NotAfter);
        Assert.Equal(ChannelFixture.Now + 3600, relay.NotAfter);
        Assert.Equal(ChannelState.Open, client.State);
    }

    [Fact]
    public void A_resume_is_the_same_handshake_with_the_same_grant_and_other_keys()
    {
        var member = new ClientAuth.Member(_f.Grant());
        (SecureChannel first, _) = _f.Connect(member);
        (SecureChannel second, _) = _f.Connect(member);
        Assert.NotEqual(first.HandshakeHash.ToArray(), second.HandshakeHash.ToArray());
    }

    [Fact]
    public void A_guest_with_an_open_invite_is_let_in_for_a_quarter_of_an_hour()
    {
        (_, SecureChannel relay) = _f.Connect(ClientAuth.Guest.Sign(_f.InviteKey, _f.RelayId, _f.ClientStatic));
        Assert.Equal(ChannelFixture.Now + 900, relay.NotAfter);
    }

    [Fact]
    public void A_channel_lives_at_most_a_day()
    {
        var longSession = new ChannelAdmission
        {
            RegistryId = _f.Admission.RegistryId,
            RelayId = _f.Admission.RelayId,
            FindToken = _f.Admission.FindToken,
            RootAt = _f.Admission.RootAt,
            SessionLifetimeAt = _ => ProtocolLimits.SessionLifetimeCeiling,
            InviteIsOpen = _f.Admission.InviteIsOpen,
        };
        const ulong notAfter = ChannelFixture.Now + (6 * 24 * 3600);
        SignedGrant grant = _f.Grant(touch => touch with { NotAfter = notAfter }, item => item with { EnterBy = notAfter });
        Assert.Equal(ChannelFixture.Now + ProtocolLimits.ChannelLifetime, longSession.Check(new ClientAuth.Member(grant), _f.ClientStatic, ChannelFixture.Now));
    }

    [Fact]
    [Breaks(ChannelRule.HandshakeMessageSize)]
    public void A_handshake_message_over_its_limit_is_refused()
    {
        using RelayHandshake relay = _f.Relay();
        AssertBreaks(ChannelRule.HandshakeMessageSize, () => relay.ConsumeHello(new byte[ProtocolLimits.HelloBytes + 1]));
        using RelayHandshake second = _f.Relay();
        AssertBreaks(ChannelRule.HandshakeMessageSize, () => second.ConsumeHello(new byte[HandshakeState.KeySize - 1]));
        using RelayHandshake third = _f.Relay();
        using ClientHandshake client = _f.Client();
        third.ConsumeHello(client.CreateHello());
        third.CreateRelayAuth();
        AssertBreaks(ChannelRule.HandshakeMessageSize, () => third.ConsumeClientAuth(new byte[ProtocolLimits.ClientAuthBytes + 1], ChannelFixture.Now, _f.Admission));
    }

    [Fact]
    [Breaks(ChannelRule.HandshakeDecrypts)]
    public void A_handshake_message_changed_in_any_byte_is_refused()
    {
        byte[] hello;
        using (ClientHandshake sizing = _f.Client())
            hello = sizing.CreateHello();
        for (int i = 0; i < hello.Length - 1; i += 5)
        {
            // A changed e shows in message 2, whose key it went into.
            using ClientHandshake client = _f.Client();
            using RelayHandshake relay = _f.Relay();
            relay.ConsumeHello(Flipped(client.CreateHello(), i));
            AssertBreaks(ChannelRule.HandshakeDecrypts, () => client.ConsumeRelayAuth(relay.CreateRelayAuth(), ChannelFixture.Now));
        }
        for (int i = 0; i < 300; i += 11)
        {
            using ClientHandshake client = _f.Client();
            using RelayHandshake relay = _f.Relay();
            relay.ConsumeHello(client.CreateHello());
            byte[] message = Flipped(relay.CreateRelayAuth(), i);
            AssertBreaks(ChannelRule.HandshakeDecrypts, () => client.ConsumeRelayAuth(message, ChannelFixture.Now));
        }
        for (int i = 0; i < 300; i += 11)
        {
            using ClientHandshake client = _f.Client();
            using RelayHandshake relay = _f.Relay();
            relay.ConsumeHello(client.CreateHello());
            client.ConsumeRelayAuth(relay.CreateRelayAuth(), ChannelFixture.Now).CreateClientAuth(new ClientAuth.Member(_f.Grant()), out byte[] message);
            AssertBreaks(ChannelRule.HandshakeDecrypts, () => relay.ConsumeClientAuth(Flipped(message, i), ChannelFixture.Now, _f.Admission));
        }
    }

    [Fact]
    [Breaks(ChannelRule.CriticalExtensionIsKnown)]
    public void An_unknown_critical_extension_is_refused_and_another_ignored()
    {
        _f.ShowClientAuth(new ClientAuth.Member(_f.Grant()) { Extensions = [new Extension(0x7FFF, "x"u8.ToArray())] });
        AssertBreaks(
            ChannelRule.CriticalExtensionIsKnown,
            () => _f.ShowClientAuth(new ClientAuth.Member(_f.Grant()) { Extensions = [new Extension(0x8000, "x"u8.ToArray())] }));
    }

    [Theory]
    [InlineData("hwchat.2", "hwchat.2")]
    [InlineData("hwchat.0, chat", "hwchat.1")]
    [InlineData("hwchat.1", "")]
    [Breaks(ChannelRule.SubprotocolIsOffered)]
    public void A_subprotocol_that_is_not_ours_or_was_not_offered_is_refused(string offered, string chosen)
        => AssertBreaks(ChannelRule.SubprotocolIsOffered, () => Subprotocol.Prologue(offered, chosen, ChannelFixture.RegistryId));

    [Fact]
    public void A_relay_chooses_what_it_speaks_out_of_what_is_offered()
    {
        Assert.Equal("hwchat.1", Subprotocol.Choose("hwchat.2, hwchat.1"));
        Assert.Null(Subprotocol.Choose("hwchat.2,hwchat.10"));
    }

    [Fact]
    [Breaks(ChannelRule.RelayStaticIsTheHandshakes)]
    public void A_certificate_of_another_static_key_is_refused()
        => AssertBreaks(
            ChannelRule.RelayStaticIsTheHandshakes,
            () => _f.ShowRelayAuth(RelayAuth.Certify(_f.RelayKey, _f.GoodStatic() with { StaticKey = new Digest(ChannelFixture.Bytes(9)) }, null)));

    [Fact]
    [Breaks(ChannelRule.RelayStaticIsOfThisRegistry)]
    public void A_certificate_for_another_registry_is_refused()
    {
        RelayAuth other = RelayAuth.Certify(_f.RelayKey, _f.GoodStatic() with { RegistryId = RegistryId.FromBytes(ChannelFixture.Bytes(9)) }, null);
        using ClientHandshake client = _f.Client();
        using var noise = new HandshakeState(
            NoiseRole.Responder, Subprotocol.Prologue(_f.Offered, Subprotocol.Current, ChannelFixture.RegistryId), _f.RelayStaticKey);
        using var relay = new RelayHandshake(noise, other);
        relay.ConsumeHello(client.CreateHello());
        AssertBreaks(ChannelRule.RelayStaticIsOfThisRegistry, () => client.ConsumeRelayAuth(relay.CreateRelayAuth(), ChannelFixture.Now));
    }

    [Fact]
    [Breaks(ChannelRule.RelayStaticIsSigned)]
    public void A_certificate_that_the_relay_key_did_not_sign_is_refused()
    {
        RelayAuth good = _f.GoodRelayAuth();
        AssertBreaks(
            ChannelRule.RelayStaticIsSigned,
            () => _f.ShowRelayAuth(new RelayAuth(good.RelayKey, good.Static with { NotAfter = good.Static.NotAfter + 1 }, good.Signature, null, [])));
        byte[] bare = SignatureAlgorithm.Ed25519.Sign(_f.RelayKey, TlsWriter.Encode(good.Static));
        AssertBreaks(ChannelRule.RelayStaticIsSigned, () => _f.ShowRelayAuth(new RelayAuth(good.RelayKey, good.Static, bare, null, [])));
    }

    [Theory]
    [InlineData(10, 20)]
    [InlineData(-20, -10)]
    [InlineData(-10, ProtocolLimits.RelayStaticLifetime + 10)]
    [Breaks(ChannelRule.RelayStaticIsCurrent)]
    public void A_certificate_out_of_its_time_or_too_long_is_refused(long notBefore, long notAfter)
    {
        RelayStatic certified = _f.GoodStatic() with { NotBefore = At(notBefore), NotAfter = At(notAfter) };
        byte[] signature = SignatureAlgorithm.Ed25519.Sign(_f.RelayKey, Labelled.Bytes(Labels.RelayStatic, TlsWriter.Encode(certified)));
        AssertBreaks(
            ChannelRule.RelayStaticIsCurrent, () => _f.ShowRelayAuth(new RelayAuth(ChannelFixture.Raw(_f.RelayKey), certified, signature, null, [])));
    }

    [Fact]
    [Breaks(ChannelRule.RelayKeyIsPinned)]
    public void A_relay_key_that_is_not_pinned_is_refused()
        => AssertBreaks(
            ChannelRule.RelayKeyIsPinned,
            () => _f.ShowRelayAuth(_f.GoodRelayAuth(), RelayPin.Of(new Digest(ChannelFixture.Bytes(9)))));

    [Fact]
    [Breaks(ChannelRule.GrantIsOfThisRegistry)]
    public void A_grant_of_another_registry_is_refused()
        => AssertRefused(ChannelRule.GrantIsOfThisRegistry, _f.Grant(touch => touch with { RegistryId = RegistryId.FromBytes(ChannelFixture.Bytes(9)) }));

    [Fact]
    [Breaks(ChannelRule.TokenIsEnrolled)]
    public void An_unknown_token_is_refused()
        => AssertRefused(ChannelRule.TokenIsEnrolled, _f.Grant(touch => touch with { TokenId = TokenId.FromBytes(ChannelFixture.Bytes(9)) }));

    [Fact]
    [Breaks(ChannelRule.TokenIsNotRevoked)]
    public void A_revoked_token_is_refused()
    {
        _f.Token = _f.Token with { IsRevoked = true };
        AssertRefused(ChannelRule.TokenIsNotRevoked, _f.Grant());
    }

    [Fact]
    [Breaks(ChannelRule.GrantHeadIsKnown)]
    public void A_touch_that_quotes_a_head_that_never_was_is_refused()
    {
        AssertRefused(ChannelRule.GrantHeadIsKnown, _f.Grant(touch => touch with { RegistryRoot = ChannelFixture.RootAt(4) }));
        AssertRefused(ChannelRule.GrantHeadIsKnown, _f.Grant(touch => touch with { RegistrySize = ulong.MaxValue }));
    }

    [Fact]
    [Breaks(ChannelRule.SessionIsNotSignedOut)]
    public void A_touch_made_before_a_sign_out_is_refused_and_one_made_after_it_is_not()
    {
        // The sign_out stands at index 5: a touch that quotes size 5 came before it, one that quotes size 6 after it.
        _f.Token = _f.Token with { SignedOutBefore = 6 };
        AssertRefused(ChannelRule.SessionIsNotSignedOut, _f.Grant());
        _f.ShowClientAuth(new ClientAuth.Member(_f.Grant(touch => touch with { RegistrySize = 6, RegistryRoot = ChannelFixture.RootAt(6) })));
    }

    [Fact]
    [Breaks(ChannelRule.GrantIsCurrent)]
    public void A_grant_out_of_its_time_is_refused()
    {
        ulong now = ChannelFixture.Now;
        AssertRefused(ChannelRule.GrantIsCurrent, _f.Grant(touch => touch with { NotAfter = now - 1 }, item => item with { EnterBy = now - 1 }));
        AssertRefused(ChannelRule.GrantIsCurrent, _f.Grant(touch => touch with { IssuedAt = now + 301 }));
        AssertRefused(ChannelRule.GrantIsCurrent, _f.Grant(touch => touch with { IssuedAt = now - (13 * 3600) }));
        AssertRefused(ChannelRule.GrantIsCurrent, _f.Grant(null, item => item with { EnterBy = now + 3601 }));
        _f.ShowClientAuth(new ClientAuth.Member(_f.Grant(touch => touch with { IssuedAt = now + 300 })));
    }

    [Fact]
    [Breaks(ChannelRule.GrantIsForAChannel)]
    public void A_grant_of_another_purpose_is_refused()
        => AssertRefused(ChannelRule.GrantIsForAChannel, _f.Grant(null, item => item with { Purpose = GrantPurpose.Room }));

    [Fact]
    [Breaks(ChannelRule.GrantIsForThisRelay)]
    public void A_grant_for_another_relay_is_refused()
        => AssertRefused(ChannelRule.GrantIsForThisRelay, _f.Grant(null, item => item with { Context = new Digest(ChannelFixture.Bytes(9)) }));

    [Fact]
    [Breaks(ChannelRule.GrantNamesTheStaticKey)]
    public void A_grant_for_another_static_key_is_refused()
        => AssertRefused(ChannelRule.GrantNamesTheStaticKey, _f.Grant(null, item => item with { Keys = [KeyHash.Of(ChannelFixture.Bytes(9))] }));

    [Fact]
    [Breaks(ChannelRule.GrantIsInTheTouch)]
    public void A_grant_whose_path_does_not_lead_to_the_root_is_refused()
    {
        SignedGrant good = _f.Grant();
        AssertRefused(ChannelRule.GrantIsInTheTouch, new SignedGrant(good.Touch, good.Signature, good.Item, 1, good.Path));
    }

    [Fact]
    [Breaks(ChannelRule.TouchIsSigned)]
    public void A_touch_that_the_token_did_not_sign_is_refused()
        => AssertRefused(ChannelRule.TouchIsSigned, _f.Grant(signer: _f.SessionKey));

    [Fact]
    [Breaks(ChannelRule.InviteIsOpen)]
    public void A_guest_without_an_open_invite_is_refused()
    {
        _f.InviteOpen = false;
        AssertBreaks(ChannelRule.InviteIsOpen, () => _f.ShowClientAuth(ClientAuth.Guest.Sign(_f.InviteKey, _f.RelayId, _f.ClientStatic)));
    }

    [Fact]
    [Breaks(ChannelRule.GuestIsSigned)]
    public void A_guest_whose_invite_key_signed_another_static_key_or_relay_is_refused()
    {
        AssertBreaks(ChannelRule.GuestIsSigned, () => _f.ShowClientAuth(ClientAuth.Guest.Sign(_f.InviteKey, _f.RelayId, ChannelFixture.Bytes(9))));
        var other = RelayId.FromBytes(ChannelFixture.Bytes(9));
        AssertBreaks(ChannelRule.GuestIsSigned, () => _f.ShowClientAuth(ClientAuth.Guest.Sign(_f.InviteKey, other, _f.ClientStatic)));
    }

    [Fact]
    public void A_handshake_that_failed_does_nothing_more()
    {
        ClientHandshake client = _f.Client();
        client.CreateHello();
        AssertBreaks(ChannelRule.HandshakeDecrypts, () => client.ConsumeRelayAuth(Noise, ChannelFixture.Now));
        Assert.Throws<ObjectDisposedException>(() => client.ConsumeRelayAuth(Noise, ChannelFixture.Now));
        Assert.Throws<ObjectDisposedException>(client.CreateHello);
    }

    [Fact]
    public void Messages_out_of_turn_are_the_callers_mistake()
    {
        using ClientHandshake client = _f.Client();
        using RelayHandshake relay = _f.Relay();
        Assert.Throws<InvalidOperationException>(relay.CreateRelayAuth);
        Assert.Throws<InvalidOperationException>(() => client.ConsumeRelayAuth(Noise, ChannelFixture.Now));
        client.CreateHello();
        Assert.Throws<InvalidOperationException>(client.CreateHello);
    }

    internal static void AssertBreaks(ChannelRule rule, Action action) => Assert.Equal(rule, Assert.Throws<ChannelException>(action).Rule);

    private static byte[] Noise => [.. Enumerable.Repeat((byte)0x55, 400)];

    private static ulong At(long offset) => checked((ulong)((long)ChannelFixture.Now + offset));

    private static byte[] Flipped(byte[] message, int at)
    {
        message[at % message.Length] ^= 0x40;
        return message;
    }

    private void AssertRefused(ChannelRule rule, SignedGrant grant) => AssertBreaks(rule, () => _f.ShowClientAuth(new ClientAuth.Member(grant)));
}

using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>The last value that each check of the channel lets pass, and the first that it does not.</summary>
public sealed class ChannelBoundaryTests : IDisposable
{
    private readonly ChannelFixture _f = new();

    public void Dispose() => _f.Dispose();

    [Fact]
    public void A_certificate_holds_from_its_first_second_to_its_last_and_for_seven_days_exactly()
    {
        RelayStatic week = _f.GoodStatic() with { NotBefore = ChannelFixture.Now, NotAfter = ChannelFixture.Now + ProtocolLimits.RelayStaticLifetime };
        RelayAuth auth = RelayAuth.Certify(_f.RelayKey, week, null);
        _f.ShowRelayAuth(auth, now: week.NotBefore).Dispose();
        _f.ShowRelayAuth(auth, now: week.NotAfter).Dispose();
        Assert.Throws<ArgumentException>(() => RelayAuth.Certify(_f.RelayKey, week with { NotAfter = week.NotAfter + 1 }, null));
        Assert.Throws<ArgumentException>(() => RelayAuth.Certify(_f.RelayKey, week with { NotAfter = week.NotBefore - 1 }, null));
        _f.ShowRelayAuth(RelayAuth.Certify(_f.RelayKey, week with { NotAfter = week.NotBefore }, null)).Dispose();
    }

    [Fact]
    public void A_grant_holds_to_its_last_second_and_for_the_policys_length_exactly()
    {
        const ulong now = ChannelFixture.Now;
        SignedGrant last = _f.Grant(touch => touch with { NotAfter = now, IssuedAt = now - (12 * 3600) }, item => item with { EnterBy = now });
        _f.ShowClientAuth(new ClientAuth.Member(last)).Dispose();
        SignedGrant longer = _f.Grant(touch => touch with { NotAfter = now, IssuedAt = now - (12 * 3600) - 1 }, item => item with { EnterBy = now });
        ChannelRuleTests.AssertBreaks(ChannelRule.GrantIsCurrent, () => _f.ShowClientAuth(new ClientAuth.Member(longer)));
    }

    [Fact]
    public void A_guests_invite_opens_to_its_last_second()
    {
        var community = new TestCommunity();
        using Key invite = community.Invite();
        ulong expiry = community.State.Invite(KeyHash.Of(TestCommunity.Raw(invite).ToArray()))!.Statement.Expiry;
        ClientAuth guest = ClientAuth.Guest.Sign(invite, RelayId.OfKey(TestCommunity.Raw(community.RelayIdentity).ToArray()), _f.ClientStatic);
        var admission = ChannelAdmission.Of(community.State);
        Assert.Equal(expiry + ProtocolLimits.GuestChannelLifetime, admission.Check(guest, _f.ClientStatic, expiry));
        ChannelRuleTests.AssertBreaks(ChannelRule.InviteIsOpen, () => admission.Check(guest, _f.ClientStatic, expiry + 1));
    }

    [Fact]
    public void A_first_message_of_exactly_its_limit_is_read()
    {
        const int payload = ProtocolLimits.HelloBytes - HandshakeState.KeySize;
        using RelayHandshake relay = _f.Relay();
        relay.ConsumeHello(Hello(payload));
        using RelayHandshake second = _f.Relay();
        ChannelRuleTests.AssertBreaks(ChannelRule.HandshakeMessageSize, () => second.ConsumeHello(Hello(payload + 1)));

        // Below: a key and no payload is long enough for Noise, and malformed for us.
        using RelayHandshake third = _f.Relay();
        Assert.Throws<DecodeException>(() => third.ConsumeHello(new byte[HandshakeState.KeySize]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_third_message_of_exactly_its_limit_is_made_and_read(int above)
    {
        ClientAuth.Member Filled(int last) => new(_f.Grant()) { Extensions = [new Extension(1, new byte[4096]), new Extension(2, new byte[4096]), new Extension(3, new byte[4096]), new Extension(4, new byte[last])] };
        int room = ProtocolLimits.ClientAuthBytes - (HandshakeState.KeySize + (2 * CipherState.TagSize)) - TlsWriter.Encode(Filled(1000)).Length + 1000;
        if (above == 0)
            _f.ShowClientAuth(Filled(room)).Dispose();
        else
            Assert.Throws<ArgumentException>(() => _f.ShowClientAuth(Filled(room + above)));
    }

    [Fact]
    public void A_third_message_over_its_limit_is_not_made()
    {
        using ClientHandshake client = _f.Client();
        using RelayHandshake relay = _f.Relay();
        relay.ConsumeHello(client.CreateHello());
        using VerifiedRelay verified = client.ConsumeRelayAuth(relay.CreateRelayAuth(), ChannelFixture.Now);
        Extension[] many = [.. Enumerable.Range(0, 5).Select(static type => new Extension((ushort)type, new byte[ProtocolLimits.ExtensionBytes]))];
        Assert.Throws<ArgumentException>(() => verified.CreateClientAuth(new ClientAuth.Member(_f.Grant()) { Extensions = many }, out _));
    }

    [Fact]
    public void An_offer_has_at_most_256_bytes_of_ASCII()
    {
        string most = "hwchat.1," + new string('x', ProtocolLimits.SubprotocolBytes - 9);
        Subprotocol.Prologue(most, Subprotocol.Current, ChannelFixture.RegistryId);
        foreach (string offered in (string[])[most + "x", "hwchat.1,ä"])
            ChannelRuleTests.AssertBreaks(ChannelRule.SubprotocolIsOffered, () => Subprotocol.Prologue(offered, Subprotocol.Current, ChannelFixture.RegistryId));
    }

    [Fact]
    public void Sixteen_extensions_are_read_and_not_seventeen()
    {
        Assert.Equal(16, Read(16).Count);
        Assert.Throws<DecodeException>(() => Read(17));

        static IReadOnlyList<Extension> Read(int count)
        {
            using var buffer = new TlsBuffer();
            var writer = new TlsWriter(buffer);
            Extension.WriteList(ref writer, [.. Enumerable.Range(0, count).Select(static type => new Extension((ushort)type, default))]);
            var reader = new TlsReader(buffer.WrittenSpan);
            return Extension.ReadList(ref reader);
        }
    }

    [Fact]
    public void A_first_record_over_the_limit_is_refused_before_it_is_opened()
    {
        using ClientHandshake client = _f.Client();
        using RelayHandshake relay = _f.Relay();
        relay.ConsumeHello(client.CreateHello());
        using AwaitingReady awaiting = client.ConsumeRelayAuth(relay.CreateRelayAuth(), ChannelFixture.Now).CreateClientAuth(new ClientAuth.Member(_f.Grant()), out _);
        ChannelRuleTests.AssertBreaks(ChannelRule.RecordSize, () => awaiting.ConsumeReady(new byte[ProtocolLimits.RecordBytes + 1], out _));
        using (ClientHandshake second = _f.Client())
        {
            using RelayHandshake other = _f.Relay();
            other.ConsumeHello(second.CreateHello());
            using AwaitingReady longest = second.ConsumeRelayAuth(other.CreateRelayAuth(), ChannelFixture.Now).CreateClientAuth(new ClientAuth.Member(_f.Grant()), out _);
            ChannelRuleTests.AssertBreaks(ChannelRule.RecordDecrypts, () => longest.ConsumeReady(new byte[ProtocolLimits.RecordBytes], out _));
        }
    }

    [Fact]
    public void What_was_handed_on_outlives_the_step_before_it()
    {
        using ClientHandshake client = _f.Client();
        using RelayHandshake relay = _f.Relay();
        relay.ConsumeHello(client.CreateHello());
        AwaitingReady awaiting = client.ConsumeRelayAuth(relay.CreateRelayAuth(), ChannelFixture.Now).CreateClientAuth(new ClientAuth.Member(_f.Grant()), out byte[] third);
        AdmittedClient admitted = relay.ConsumeClientAuth(third, ChannelFixture.Now, _f.Admission);
        using SecureChannel relayEnd = admitted.CreateReady(ChannelFixture.Now, default, out byte[] ready);
        using SecureChannel clientEnd = awaiting.ConsumeReady(ready, out _);
        awaiting.Dispose();
        admitted.Dispose();
        var record = new byte[64];
        FramesRecord building = clientEnd.Sealer.BeginFrames(record);
        building.TryAdd([7]);
        ReceivedFrames frames = relayEnd.Open(record.AsSpan(0, building.Seal()), ChannelFixture.Now);
        Assert.True(frames.TryNext(out ReadOnlySpan<byte> frame));
        Assert.Equal(7, frame[0]);
    }

    [Fact]
    public void A_relay_that_shows_its_succession_is_believed_by_a_replica_that_has_not_heard()
    {
        var community = new TestCommunity();
        RegistryState before = community.State;
        SignedStatement succession = community.Append(community.Sign(new RelayChange(ChannelFixture.Raw(_f.RelayKey)), community.Token("alice").As9C));
        using VerifiedRelay verified = _f.ShowRelayAuth(RelayAuth.Certify(_f.RelayKey, _f.GoodStatic(), succession), RelayPin.Of(before));
        Assert.Equal(succession.Statement.Id, verified.RelayAuth.Succession!.Statement.Id);
        Assert.Equal(_f.RelayId, verified.RelayId);
        ChannelRuleTests.AssertBreaks(ChannelRule.RelayKeyIsPinned, () => _f.ShowRelayAuth(_f.GoodRelayAuth(), RelayPin.Of(before)));
    }

    [Fact]
    public void A_succession_of_another_registry_or_version_is_not_believed()
    {
        var community = new TestCommunity();
        RegistryState state = community.State;
        SignedStatement good = community.Sign(new RelayChange(ChannelFixture.Raw(_f.RelayKey)), community.Token("alice").As9C);
        Assert.True(RelayPin.Of(state)(ChannelFixture.Raw(_f.RelayKey), good));
        foreach (bool version in (bool[])[false, true])
        {
            var other = new Statement
            {
                Version = version ? (ushort)2 : Statement.CurrentVersion,
                RegistryId = version ? state.Id : RegistryId.FromBytes(ChannelFixture.Bytes(9)),
                BaseSize = state.Size,
                BaseRoot = state.Root,
                SignedAt = 0,
                Body = new RelayChange(ChannelFixture.Raw(_f.RelayKey)),
            };
            Assert.False(RelayPin.Of(state)(ChannelFixture.Raw(_f.RelayKey), new SignedStatement(other, [community.Token("alice").As9C(other)])));
        }
    }

    // The bucket would refuse, too, were the sockets to come at once.
    [Fact]
    public void Half_open_sockets_are_1024_however_slowly_they_came()
    {
        var gate = new HandshakeGate(0);
        for (int i = 0; i < ProtocolLimits.HalfOpen; i++)
            Assert.True(gate.TryEnter(new AddressBlock(false, (ulong)i), (ulong)i * 1000));
        const ulong late = (ProtocolLimits.HalfOpen + 10) * 1000UL;
        Assert.False(gate.TryEnter(new AddressBlock(false, 1 << 20), late));
        gate.Leave(new AddressBlock(false, 0));
        Assert.True(gate.TryEnter(new AddressBlock(false, 1 << 20), late));
    }

    [Fact]
    public void Handshakes_that_end_at_once_meet_the_buckets_of_their_address_and_of_all()
    {
        var gate = new HandshakeGate(0);
        int entered = 0;
        for (int i = 0; i < 2 * ProtocolLimits.HandshakeBurstPerAddress; i++)
            entered += EnterAndLeave(gate, 1) ? 1 : 0;
        Assert.Equal(ProtocolLimits.HandshakeBurstPerAddress, entered);

        gate = new HandshakeGate(0);
        entered = 0;
        for (int i = 0; i < ProtocolLimits.HandshakeBurst + 10; i++)
            entered += EnterAndLeave(gate, (ulong)i) ? 1 : 0;
        Assert.Equal(ProtocolLimits.HandshakeBurst, entered);

        static bool EnterAndLeave(HandshakeGate gate, ulong address)
        {
            bool enters = gate.TryEnter(new AddressBlock(false, address), 0);
            if (enters)
                gate.Leave(new AddressBlock(false, address));
            return enters;
        }
    }

    [Fact]
    public void Buffers_keys_and_steps_that_do_not_fit_are_the_callers_mistake()
    {
        Assert.Throws<ArgumentException>(() => new CipherState(new byte[31]));
        using var cipher = new CipherState(new byte[CipherState.KeySize]);
        Assert.Throws<ArgumentException>(() => cipher.EncryptWithAd([], [1, 2], new byte[17]));
        Assert.Throws<ArgumentException>(() => cipher.DecryptWithAd([], new byte[18], new byte[1], out _));
        using Key ed25519 = ChannelFixture.Ed25519(1);
        Assert.Throws<ArgumentException>(() => new HandshakeState(NoiseRole.Initiator, [], ed25519));
        using var noise = new HandshakeState(NoiseRole.Initiator, [], _f.ClientStaticKey);
        Assert.Throws<InvalidOperationException>(() => noise.RemoteStatic.ToArray());
        Assert.Throws<ArgumentException>(() => noise.WriteMessage(new byte[HandshakeState.MaxMessageSize], new byte[70_000]));
        Assert.Throws<ArgumentException>(() => noise.WriteMessage([1], new byte[HandshakeState.KeySize]));
        Assert.Throws<InvalidOperationException>(() => noise.Split());
        noise.WriteMessage([], new byte[HandshakeState.KeySize]);
        Assert.Throws<InvalidOperationException>(() => noise.RemoteStatic.ToArray());
        ChannelRuleTests.AssertBreaks(ChannelRule.HandshakeMessageSize, () => noise.ReadMessage(new byte[95], new byte[95]));
        using var reader = new HandshakeState(NoiseRole.Responder, [], _f.RelayStaticKey);
        ChannelRuleTests.AssertBreaks(ChannelRule.HandshakeMessageSize, () => reader.ReadMessage(new byte[HandshakeState.MaxMessageSize + 1], new byte[70_000]));
        RelayAuth good = _f.GoodRelayAuth();
        Assert.Throws<ArgumentException>(() => new RelayAuth(good.RelayKey, good.Static, new byte[63], null, []));
    }

    [Fact]
    public void A_Noise_message_has_at_most_65535_bytes_and_three_end_a_handshake()
    {
        using var initiator = new HandshakeState(NoiseRole.Initiator, [], _f.ClientStaticKey);
        using var responder = new HandshakeState(NoiseRole.Responder, [], _f.RelayStaticKey);
        var message = new byte[HandshakeState.MaxMessageSize];
        var payload = new byte[HandshakeState.MaxMessageSize];
        Assert.Equal(message.Length, initiator.WriteMessage(new byte[message.Length - HandshakeState.KeySize], message));
        Assert.Equal(message.Length - HandshakeState.KeySize, responder.ReadMessage(message, payload));
        initiator.ReadMessage(message.AsSpan(0, responder.WriteMessage([], message)), payload);
        responder.ReadMessage(message.AsSpan(0, initiator.WriteMessage([], message)), payload);
        Assert.True(initiator.IsComplete && responder.IsComplete);
        Assert.Throws<InvalidOperationException>(() => responder.WriteMessage([], message));
        Assert.Throws<InvalidOperationException>(() => initiator.ReadMessage(message, payload));
    }

    [Fact]
    public void A_part_is_made_only_of_what_does_not_travel_whole()
    {
        (SecureChannel client, SecureChannel relay) = _f.Connect();
        using (client)
        using (relay)
        {
            var record = new byte[ProtocolLimits.RecordBytes];
            foreach (int size in (int[])[Record.MaxWholeFrame, ProtocolLimits.FrameBytes + 1])
            {
                int none = 0;
                Assert.Throws<ArgumentException>(() => client.Sealer.SealPart(new byte[size], ref none, record));
            }
            int sent = Record.MaxBody;
            Assert.Throws<InvalidOperationException>(() => client.Sealer.SealPart(new byte[Record.MaxBody], ref sent, record));
            Assert.Throws<InvalidOperationException>(() => client.Sealer.BeginFrames(record).Seal());
            Assert.Throws<ArgumentException>(() => client.Sealer.BeginFrames(new byte[Record.Overhead]));
        }
    }

    [Fact]
    public void The_longest_frame_arrives_and_an_empty_one_ends_the_channel()
    {
        (SecureChannel client, SecureChannel relay) = _f.Connect();
        var record = new byte[ProtocolLimits.RecordBytes];
        var longest = new byte[ProtocolLimits.FrameBytes];
        int sent = 0;
        int length = 0;
        while (sent < longest.Length)
        {
            int size = client.Sealer.SealPart(longest, ref sent, record);
            ReceivedFrames frames = relay.Open(record.AsSpan(0, size), ChannelFixture.Now);
            while (frames.TryNext(out ReadOnlySpan<byte> frame))
                length = frame.Length;
        }
        Assert.Equal(longest.Length, length);

        // A record of frames whose one frame has no bytes: kind 0, length 0.
        record[0] = record[1] = 0;
        int empty = client.Sealer.SealInPlace(record, 2);
        Assert.Throws<DecodeException>(() => relay.Open(record.AsSpan(0, empty), ChannelFixture.Now).TryNext(out _));
        Assert.Equal(ChannelState.Failed, relay.State);
        client.Dispose();
        relay.Dispose();
    }

    private static byte[] Hello(int payload)
    {
        // Extensions of which the last is cut to fit: types in rising order, none of them critical.
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        Extension.WriteList(ref writer, [new Extension(1, new byte[payload - 6])]);
        Assert.Equal(payload, buffer.WrittenSpan.Length);
        using var noise = new HandshakeState(NoiseRole.Initiator, [], ChannelFixture.X25519(3));
        var message = new byte[HandshakeState.KeySize + payload];
        noise.WriteMessage(buffer.WrittenSpan, message);
        return message;
    }
}

using System.Net;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>The attacks on the channel: somebody between client and relay, a false relay, a thief.</summary>
public sealed class ChannelAttackTests : IDisposable
{
    private readonly ChannelFixture _f = new();

    public void Dispose() => _f.Dispose();

    [Theory]
    [InlineData("hwchat.2, hwchat.1", "hwchat.1")]
    [InlineData("hwchat.2, hwchat.1", "hwchat.1, hwchat.2")]
    [InlineData("hwchat.1", "hwchat.1 ")]
    public void Attack_01_Stripped_or_reordered_subprotocols_fail_before_the_client_names_itself(string sent, string arrived)
    {
        _f.Offered = sent;
        using ClientHandshake client = _f.Client();
        _f.Offered = arrived;
        using RelayHandshake relay = _f.Relay();
        relay.ConsumeHello(client.CreateHello());
        ChannelRuleTests.AssertBreaks(ChannelRule.HandshakeDecrypts, () => client.ConsumeRelayAuth(relay.CreateRelayAuth(), ChannelFixture.Now));
    }

    [Fact]
    public void Attack_02_Replayed_messages_1_and_3_do_not_decrypt()
    {
        using ClientHandshake client = _f.Client();
        using RelayHandshake relay = _f.Relay();
        byte[] first = client.CreateHello();
        relay.ConsumeHello(first);
        client.ConsumeRelayAuth(relay.CreateRelayAuth(), ChannelFixture.Now).CreateClientAuth(new ClientAuth.Member(_f.Grant()), out byte[] third);
        using AdmittedClient admitted = relay.ConsumeClientAuth((byte[])third.Clone(), ChannelFixture.Now, _f.Admission);

        using RelayHandshake again = _f.Relay();
        again.ConsumeHello(first);
        again.CreateRelayAuth();
        ChannelRuleTests.AssertBreaks(ChannelRule.HandshakeDecrypts, () => again.ConsumeClientAuth(third, ChannelFixture.Now, _f.Admission));
    }

    [Fact]
    public void Attack_03_The_clients_own_message_reflected_is_no_answer()
    {
        using ClientHandshake client = _f.Client();
        byte[] hello = client.CreateHello();
        ChannelRuleTests.AssertBreaks(ChannelRule.HandshakeMessageSize, () => client.ConsumeRelayAuth(hello, ChannelFixture.Now));

        // Longer, so that it could be a message 2: still not one.
        using ClientHandshake second = _f.Client();
        byte[] padded = [.. second.CreateHello(), .. new byte[300]];
        ChannelRuleTests.AssertBreaks(ChannelRule.HandshakeDecrypts, () => second.ConsumeRelayAuth(padded, ChannelFixture.Now));
    }

    [Fact]
    public void Attack_04_A_man_in_the_middle_with_keys_of_his_own_learns_nothing_of_the_client()
    {
        using Key mallorysRelayKey = ChannelFixture.Ed25519(66);
        using Key mallorysStatic = ChannelFixture.X25519(67);
        RelayStatic certified = _f.GoodStatic() with { StaticKey = ChannelFixture.Raw(mallorysStatic) };
        using ClientHandshake client = _f.Client();
        using var mallory = new RelayHandshake(_f.Offered, Subprotocol.Current, mallorysStatic, RelayAuth.Certify(mallorysRelayKey, certified, null));
        byte[] sent = client.CreateHello();
        mallory.ConsumeHello(sent);
        byte[] answer = mallory.CreateRelayAuth();
        ChannelRuleTests.AssertBreaks(ChannelRule.RelayKeyIsPinned, () => client.ConsumeRelayAuth(answer, ChannelFixture.Now));

        // All that left the client: an ephemeral and an empty list. The handshake has no further message to give.
        Assert.Equal(HandshakeState.KeySize + 1, sent.Length);
        Assert.Throws<ObjectDisposedException>(() => client.ConsumeRelayAuth(answer, ChannelFixture.Now));

        // The true relay's certificate over Mallory's connection: his static key is not the one that it names.
        using ClientHandshake second = _f.Client();
        using var copying = new RelayHandshake(_f.Offered, Subprotocol.Current, mallorysStatic, _f.GoodRelayAuth());
        copying.ConsumeHello(second.CreateHello());
        ChannelRuleTests.AssertBreaks(
            ChannelRule.RelayStaticIsTheHandshakes, () => second.ConsumeRelayAuth(copying.CreateRelayAuth(), ChannelFixture.Now));
    }

    [Fact]
    public void Attack_05_A_handshake_forwarded_to_another_relay_fails()
    {
        // Another registry: the prologues differ.
        var otherRegistry = RegistryId.FromBytes(ChannelFixture.Bytes(0x77));
        using Key otherKey = ChannelFixture.Ed25519(66);
        using Key otherStatic = ChannelFixture.X25519(67);
        var certified = new RelayStatic(otherRegistry, ChannelFixture.Raw(otherStatic), ChannelFixture.Now - 1, ChannelFixture.Now + 1);
        using var other = new RelayHandshake(_f.Offered, Subprotocol.Current, otherStatic, RelayAuth.Certify(otherKey, certified, null));
        using ClientHandshake client = _f.Client();
        other.ConsumeHello(client.CreateHello());
        ChannelRuleTests.AssertBreaks(ChannelRule.HandshakeDecrypts, () => client.ConsumeRelayAuth(other.CreateRelayAuth(), ChannelFixture.Now));

        // The same registry, another relay that the client was made to trust: the grant's context is the first one.
        var second = new ChannelAdmission
        {
            RegistryId = _f.Admission.RegistryId,
            RelayId = RelayId.OfKey(otherKey.PublicKey.Export(KeyBlobFormat.RawPublicKey)),
            FindToken = _f.Admission.FindToken,
            RootAt = _f.Admission.RootAt,
            SessionLifetimeAt = _f.Admission.SessionLifetimeAt,
            InviteIsOpen = _f.Admission.InviteIsOpen,
        };
        ChannelRuleTests.AssertBreaks(
            ChannelRule.GrantIsForThisRelay, () => second.Check(new ClientAuth.Member(_f.Grant()), _f.ClientStatic, ChannelFixture.Now));
    }

    // The points of order 1, 2, 4 and 8 on Curve25519, and encodings of theirs that are not reduced or have the unused bit set (RFC 7748 §5 accepts those).
    public static TheoryData<string> LowOrderPoints =>
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    [Theory]
    [MemberData(nameof(LowOrderPoints))]
    [Breaks(ChannelRule.SharedSecretIsNotZero)]
    public void Attack_06_Points_of_low_order_are_refused_in_every_place(string hex)
    {
        byte[] point = Convert.FromHexString(hex);

        // The client's e: ee, when the relay answers.
        using RelayHandshake relay = _f.Relay();
        relay.ConsumeHello([.. point, 0]);
        ChannelRuleTests.AssertBreaks(ChannelRule.SharedSecretIsNotZero, () => relay.CreateRelayAuth());

        // The relay's e: ee, when the client reads.
        using ClientHandshake client = _f.Client();
        client.CreateHello();
        ChannelRuleTests.AssertBreaks(
            ChannelRule.SharedSecretIsNotZero, () => client.ConsumeRelayAuth([.. point, .. new byte[300]], ChannelFixture.Now));

        // The relay's s (es at the client) and the client's s (se at the relay), sealed rightly by a peer that does as it likes.
        LowOrderStatic.Refused(NoiseRole.Responder, point);
        LowOrderStatic.Refused(NoiseRole.Initiator, point);
    }

    [Fact]
    public void Attack_07_A_record_that_is_changed_dropped_doubled_swapped_or_cut_ends_the_channel()
    {
        foreach (Func<byte[][], byte[][]> tamper in new Func<byte[][], byte[][]>[]
        {
            static records => [records[0], Changed(records[1]), records[2]],
            static records => [records[0], records[2]],
            static records => [records[0], records[0], records[1]],
            static records => [records[0], records[2], records[1]],
            static records => [records[0], records[1][..^1], records[2]],
            static records => [records[0], [.. records[1], 0], records[2]],
            static records => [records[0], records[1][..8], records[2]],
        })
        {
            (SecureChannel client, SecureChannel relay) = _f.Connect();
            byte[][] records = [Seal(client, 1), Seal(client, 2), Seal(client, 3)];
            byte[][] arriving = tamper([.. records.Select(static r => (byte[])r.Clone())]);
            int opened = 0;
            ChannelRuleTests.AssertBreaks(ChannelRule.RecordDecrypts, () =>
            {
                foreach (byte[] record in arriving)
                {
                    relay.Open(record, ChannelFixture.Now);
                    opened++;
                }
            });
            Assert.Equal(1, opened);
            Assert.Equal(ChannelState.Failed, relay.State);
        }
    }

    [Fact]
    public void Attack_07_A_socket_cut_in_the_middle_of_a_frame_loses_that_frame_and_says_so()
    {
        (SecureChannel client, SecureChannel relay) = _f.Connect();
        var frame = new byte[3 * Record.MaxBody];
        var record = new byte[ProtocolLimits.RecordBytes];
        int sent = 0;
        int length = client.Sealer.SealPart(frame, ref sent, record);
        ReceivedFrames none = relay.Open(record.AsSpan(0, length), ChannelFixture.Now);
        Assert.False(none.TryNext(out _));
        relay.SocketEnded();
        Assert.Equal(ChannelState.Lost, relay.State);

        // A close in that place is an orderly end, but the unfinished frame is gone all the same.
        (client, relay) = _f.Connect();
        sent = 0;
        length = client.Sealer.SealPart(frame, ref sent, record);
        relay.Open(record.AsSpan(0, length), ChannelFixture.Now);
        length = client.Sealer.SealClose(CloseReason.Done, record);
        ReceivedFrames end = relay.Open(record.AsSpan(0, length), ChannelFixture.Now);
        Assert.False(end.TryNext(out _));
        Assert.Equal(0, relay.Opener.HeldBytes);
    }

    [Fact]
    public void Attack_08_Oversized_records_and_endless_parts_end_at_their_limits()
    {
        (SecureChannel client, SecureChannel relay) = _f.Connect();
        ChannelRuleTests.AssertBreaks(ChannelRule.RecordSize, () => relay.Open(new byte[65536], ChannelFixture.Now));

        (client, relay) = _f.Connect();
        int parts = 0;
        ChannelRuleTests.AssertBreaks(ChannelRule.FrameSize, () =>
        {
            for (; parts <= 1000; parts++)
            {
                var record = new byte[ProtocolLimits.RecordBytes];
                record[0] = (byte)RecordKind.Part;
                client.Sealer.SealInPlace(record, 1 + Record.MaxBody);
                relay.Open(record, ChannelFixture.Now);
                Assert.InRange(relay.Opener.HeldBytes, 1, ProtocolLimits.FrameBytes);
            }
        });
        Assert.InRange(parts, 1, 65);

        // Bytes that trickle: the handshake has one time for all of it, not one for each byte.
        Assert.Equal(10UL, ProtocolLimits.HandshakeSeconds);
    }

    [Fact]
    public void Attack_09_Half_open_sockets_of_one_network_are_limited_and_others_still_enter()
    {
        var gate = new HandshakeGate(0);
        int entered = 0;
        for (int i = 0; i < 10_000; i++)
            entered += gate.TryEnter(AddressBlock.Of(IPAddress.Parse($"2001:db8:0:1::{i:x}")), 0) ? 1 : 0;
        Assert.Equal(ProtocolLimits.HalfOpenPerAddress, entered);
        Assert.Equal(1, gate.CountedAddresses);
        Assert.True(gate.TryEnter(AddressBlock.Of(IPAddress.Parse("2001:db8:0:2::1")), 0));
        Assert.True(gate.TryEnter(AddressBlock.Of(IPAddress.Parse("192.0.2.1")), 0));
    }

    [Fact]
    public void Attack_10_An_expired_or_retired_relay_certificate_is_refused()
    {
        RelayAuth auth = _f.GoodRelayAuth();
        ChannelRuleTests.AssertBreaks(ChannelRule.RelayStaticIsCurrent, () => _f.ShowRelayAuth(auth, now: auth.Static.NotAfter + 1));
        ChannelRuleTests.AssertBreaks(ChannelRule.RelayStaticIsCurrent, () => _f.ShowRelayAuth(auth, now: auth.Static.NotBefore - 1));

        // The client's replica has moved on to another key; the retired one shows no statement that leads back to it.
        using Key successor = ChannelFixture.Ed25519(66);
        ChannelRuleTests.AssertBreaks(
            ChannelRule.RelayKeyIsPinned, () => _f.ShowRelayAuth(auth, RelayPin.Of(ChannelFixture.Raw(successor))));
    }

    [Fact]
    public void Attack_48_A_stolen_session_opens_a_channel_until_it_is_over_or_signed_out()
    {
        var stolen = new ClientAuth.Member(_f.Grant());
        using AdmittedClient thief = _f.ShowClientAuth(stolen, ChannelFixture.Now + 3600);
        ChannelRuleTests.AssertBreaks(ChannelRule.GrantIsCurrent, () => _f.ShowClientAuth(stolen, ChannelFixture.Now + 3601));
        _f.Token = _f.Token with { SignedOutBefore = ChannelFixture.RegistrySize + 1 };
        ChannelRuleTests.AssertBreaks(ChannelRule.SessionIsNotSignedOut, () => _f.ShowClientAuth(stolen));
    }

    [Fact]
    public void Attack_49_A_grant_for_something_else_opens_no_channel()
    {
        // The items of the same touch that are for rooms; and the channel's item in another's place or with another's path.
        SignedGrant good = _f.Grant();
        GrantItem room = GrantItem.ForRoom(RoomId.FromBytes(ChannelFixture.Bytes(7)), ChannelFixture.Bytes(8), good.Touch.NotAfter);
        Refused(ChannelRule.GrantIsForAChannel, new SignedGrant(good.Touch, good.Signature, room, 1, good.Path));
        Refused(ChannelRule.GrantIsInTheTouch, new SignedGrant(good.Touch, good.Signature, good.Item, 1, good.Path));
        Refused(ChannelRule.GrantIsInTheTouch, new SignedGrant(good.Touch with { Count = 4 }, good.Signature, good.Item, 3, good.Path));
        Refused(ChannelRule.GrantIsInTheTouch, new SignedGrant(good.Touch, good.Signature, good.Item, 0, [.. good.Path, good.Path[0]]));
        Refused(ChannelRule.GrantIsInTheTouch, new SignedGrant(good.Touch, good.Signature, good.Item, 0, good.Path[1..]));
        Refused(ChannelRule.TouchIsSigned, new SignedGrant(good.Touch with { IssuedAt = good.Touch.IssuedAt + 1 }, good.Signature, good.Item, 0, good.Path));
    }

    [Fact]
    public void Attack_50_A_touch_that_names_anothers_channel_key_opens_no_channel()
    {
        // Alice signs Bob's channel key. Without Bob's s she cannot complete a handshake under it; under her own it does not fit.
        using Key bobs = ChannelFixture.X25519(66);
        SignedGrant misbound = _f.Grant(null, item => item with { Keys = [KeyHash.Of(bobs.PublicKey.Export(KeyBlobFormat.RawPublicKey))] });
        Refused(ChannelRule.GrantNamesTheStaticKey, misbound);
    }

    private static byte[] Changed(byte[] record)
    {
        record[0] ^= 1;
        return record;
    }

    private static byte[] Seal(SecureChannel channel, byte value)
    {
        var record = new byte[64];
        FramesRecord building = channel.Sealer.BeginFrames(record);
        Assert.True(building.TryAdd([value]));
        return record[..building.Seal()];
    }

    private void Refused(ChannelRule rule, SignedGrant grant)
        => ChannelRuleTests.AssertBreaks(rule, () => _f.ShowClientAuth(new ClientAuth.Member(grant)));
}

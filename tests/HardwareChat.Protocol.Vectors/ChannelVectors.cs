using System.Text.Json.Nodes;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Vectors;

/// <summary>A whole channel: alice touches her token, connects, appends a first message, and closes.</summary>
internal static class ChannelVectors
{
    private const ulong Now = FixedCommunity.Start + 100;
    private const string Offered = "hwchat.1";

    public static JsonObject Create(FixedCommunity community)
    {
        using Key relayStatic = FixedKeys.X25519("relay static");
        using Key channelKey = FixedKeys.X25519("channel key");
        RegistryId registry = community.State.Id;
        byte[] prologue = Subprotocol.Prologue(Offered, Subprotocol.Current, registry);
        RelayAuth relayAuth = RelayAuth.Certify(
            community.RelayKey, new RelayStatic(registry, new Digest(FixedKeys.Public(relayStatic)), FixedCommunity.Start, FixedCommunity.Start + 86400), null);
        (Touch touch, SignedGrant grant) = TouchToken(community, channelKey);
        ClientAuth clientAuth = new ClientAuth.Member(grant);

        var client = new ClientHandshake(
            HandshakeState.WithFixedEphemeral(NoiseRole.Initiator, prologue, channelKey, FixedKeys.Seed("client ephemeral")), registry, RelayPin.Of(community.State));
        using var relay = new RelayHandshake(
            HandshakeState.WithFixedEphemeral(NoiseRole.Responder, prologue, relayStatic, FixedKeys.Seed("relay ephemeral")), relayAuth);
        byte[] first = client.CreateHello();
        relay.ConsumeHello(first);
        byte[] second = relay.CreateRelayAuth();
        AwaitingReady awaiting = client.ConsumeRelayAuth(second, Now).CreateClientAuth(clientAuth, out byte[] third);
        AdmittedClient admitted = relay.ConsumeClientAuth(third, Now, ChannelAdmission.Of(community.State));
        byte[] checkpoint = community.Checkpoint(community.State.Size);
        using SecureChannel relayEnd = admitted.CreateReady(Now, checkpoint, out byte[] ready);
        using SecureChannel clientEnd = awaiting.ConsumeReady((byte[])ready.Clone(), out Ready said);

        RoomId room = RoomVectors.GenesisOf(community).RoomId;
        var append = new Frame(1, new Append(room, EntryKind.Application, 1, community.State.Size, "an MLS PrivateMessage"u8.ToArray(), null, null, []));
        var appended = new Frame(1, new Appended(1, new Stamp(Now + 1, community.State.Size), new Digest(FixedKeys.Seed("receipt"))));
        return new JsonObject
        {
            ["offered"] = Offered,
            ["chosen"] = Subprotocol.Current,
            ["registry_id"] = registry.ToString(),
            ["prologue"] = VectorFiles.Hex(prologue),
            ["relay_key"] = VectorFiles.Hex(FixedKeys.Public(community.RelayKey)),
            ["token_spki"] = VectorFiles.Hex(FixedCommunity.Alice9A.Public.ToSpki()),
            ["client_static_private"] = VectorFiles.Hex(FixedKeys.Seed("channel key")),
            ["client_ephemeral_private"] = VectorFiles.Hex(FixedKeys.Seed("client ephemeral")),
            ["relay_static_private"] = VectorFiles.Hex(FixedKeys.Seed("relay static")),
            ["relay_ephemeral_private"] = VectorFiles.Hex(FixedKeys.Seed("relay ephemeral")),
            ["touch"] = VectorFiles.Hex(touch),
            ["touch_signature"] = VectorFiles.Hex(grant.Signature),
            ["hello"] = "00",
            ["message_1"] = VectorFiles.Hex(first),
            ["relay_auth"] = VectorFiles.Hex(relayAuth),
            ["message_2"] = VectorFiles.Hex(second),
            ["client_auth"] = VectorFiles.Hex(clientAuth),
            ["message_3"] = VectorFiles.Hex(third),
            ["handshake_hash"] = VectorFiles.Hex(clientEnd.HandshakeHash),
            ["ready"] = VectorFiles.Hex(said),
            ["ready_record"] = VectorFiles.Hex(ready),
            ["append_frame"] = VectorFiles.Hex(append),
            ["append_record"] = VectorFiles.Hex(Seal(clientEnd.Sealer, append)),
            ["appended_frame"] = VectorFiles.Hex(appended),
            ["appended_record"] = VectorFiles.Hex(Seal(relayEnd.Sealer, appended)),
            ["pushes"] = Pushes(relayEnd.Sealer),
            ["close_record"] = VectorFiles.Hex(Close(clientEnd.Sealer)),
        };
    }

    private static (Touch Touch, SignedGrant Grant) TouchToken(FixedCommunity community, Key channelKey)
    {
        var relay = RelayId.OfKey(FixedKeys.Public(community.RelayKey));
        GrantItem[] items =
        [
            GrantItem.ForChannel(relay, FixedKeys.Public(channelKey), Now + (12 * 3600)),
            GrantItem.ForRoom(RoomVectors.GenesisOf(community).RoomId, FixedKeys.Seed("encryption key"), Now + 600),
        ];
        RegistryToken token = community.State.Token(TokenId.OfSpki(FixedCommunity.Alice9A.Public.ToSpki()))
            ?? throw new InvalidOperationException("alice's token is not enrolled");
        var draft = new TouchDraft(token, community.State, new FixedSigner("session", SignatureScheme.Ed25519).Public, items, Now, Now + (12 * 3600));
        return (draft.Touch, draft.Complete(FixedCommunity.Alice9A.Sign(draft.SigningInput()))[0]);
    }

    // The last record under the relay's first key and the first one under its second: numbers 4095 and 4096, Ready being 0.
    private static JsonArray Pushes(RecordSealer sealer)
    {
        var pushes = new JsonArray();
        for (uint number = 2; number <= ProtocolLimits.RecordsPerKey; number++)
        {
            Frame frame = Frame.Unasked(new Drain(number, "wss://chat.example/"));
            byte[] record = Seal(sealer, frame);
            if (number >= ProtocolLimits.RecordsPerKey - 1)
                pushes.Add(new JsonObject { ["number"] = number, ["frame"] = VectorFiles.Hex(frame), ["record"] = VectorFiles.Hex(record) });
        }
        return pushes;
    }

    private static byte[] Seal(RecordSealer sealer, Frame frame)
    {
        var record = new byte[1024];
        FramesRecord building = sealer.BeginFrames(record);
        if (!building.TryAdd(TlsWriter.Encode(frame)))
            throw new InvalidOperationException("the frame does not fit");
        return record[..building.Seal()];
    }

    private static byte[] Close(RecordSealer sealer)
    {
        var record = new byte[64];
        return record[..sealer.SealClose(CloseReason.Done, record)];
    }
}

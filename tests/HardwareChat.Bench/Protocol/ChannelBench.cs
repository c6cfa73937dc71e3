using HardwareChat.Protocol;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Bench.Protocol;

/// <summary>The costs of a channel: its handshake on either side, and its records.</summary>
internal sealed class ChannelBench : IDisposable
{
    /// <summary>Records in one run: one alone is too short to time.</summary>
    private const int Batch = 1000;

    private const ulong Now = 1_800_000_000;
    private const string Offered = Subprotocol.Current;

    private static readonly RegistryId Registry = new(Digest.Of("registry"u8));

    private readonly Key _relayKey = Key.Create(SignatureAlgorithm.Ed25519);
    private readonly Key _relayStatic = Key.Create(KeyAgreementAlgorithm.X25519);
    private readonly Key _channelKey = Key.Create(KeyAgreementAlgorithm.X25519);
    private readonly Key _token = Key.Create(SignatureAlgorithm.Ed25519);
    private readonly RelayAuth _relayAuth;
    private readonly ClientAuth _clientAuth;
    private readonly ChannelAdmission _admission;

    private ChannelBench()
    {
        _relayAuth = RelayAuth.Certify(_relayKey, new RelayStatic(Registry, Raw(_relayStatic), Now, Now + 3600), null);
        _clientAuth = new ClientAuth.Member(Touch());
        var enrolled = new EnrolledToken(VerifyingKey.FromRaw(SignatureScheme.Ed25519, Raw(_token).ToArray()), false, 0);
        _admission = new ChannelAdmission
        {
            RegistryId = Registry,
            RelayId = RelayId.OfKey(Raw(_relayKey).ToArray()),
            FindToken = _ => enrolled,
            RootAt = static _ => MerkleTree.EmptyRoot,
            SessionLifetimeAt = static _ => 12 * 3600,
            InviteIsOpen = static (_, _) => false,
        };
    }

    public static IEnumerable<Measurement> Rows()
    {
        using var bench = new ChannelBench();
        yield return Measurement.Of("handshake, client's side", 0, 1, bench.ClientsSide, static side => side());
        yield return Measurement.Of("handshake, relay's side", 0, 1, bench.RelaysSide, static side => side());

        (SecureChannel client, SecureChannel relay) = bench.Connect();
        var records = new byte[Batch][];
        foreach (int size in (int[])[300, 1024, 16 * 1024])
        {
            var frame = new byte[size];
            var record = new byte[ProtocolLimits.RecordBytes];
            yield return Measurement.Of($"{Batch} records of {size} B: seal", 0, 1, () => SealAll(client.Sealer, frame, record, keep: null));
            yield return Measurement.Of(
                $"{Batch} records of {size} B: open", 0, 1, () => bench.Sealed(frame, record, records), static pair => OpenAll(pair.Opener, pair.Records));
        }

        client.Dispose();
        relay.Dispose();
    }

    public void Dispose()
    {
        foreach (Key key in new[] { _relayKey, _relayStatic, _channelKey, _token })
            key.Dispose();
    }

    private static Digest Raw(Key key) => new(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    private static void SealAll(RecordSealer sealer, byte[] frame, byte[] record, byte[][]? keep)
    {
        for (int i = 0; i < Batch; i++)
        {
            FramesRecord building = sealer.BeginFrames(record);
            building.TryAdd(frame);
            int length = building.Seal();
            if (keep is not null)
                keep[i] = record[..length];
        }
    }

    private static void OpenAll(RecordOpener opener, byte[][] records)
    {
        foreach (byte[] record in records)
        {
            ReceivedFrames frames = opener.Open(record);
            while (frames.TryNext(out _))
            {
            }
        }
    }

    // A fresh channel for each run, as a record opens once and in its place.
    private (RecordOpener Opener, byte[][] Records) Sealed(byte[] frame, byte[] record, byte[][] records)
    {
        (SecureChannel client, SecureChannel relay) = Connect();
        SealAll(client.Sealer, frame, record, records);
        client.Dispose();
        return (relay.Opener, records);
    }

    private SignedGrant Touch()
    {
        GrantItem item = GrantItem.ForChannel(RelayId.OfKey(Raw(_relayKey).ToArray()), Raw(_channelKey).ToArray(), Now + 3600);
        var touch = new Touch
        {
            RegistryId = Registry,
            TokenId = new TokenId(Digest.Of("token"u8)),
            RegistrySize = 0,
            RegistryRoot = MerkleTree.EmptyRoot,
            SessionKey = VerifyingKey.FromRaw(SignatureScheme.Ed25519, Raw(_token).ToArray()),
            IssuedAt = Now,
            NotAfter = Now + 3600,
            Count = 1,
            Root = MerkleTree.LeafHash(TlsWriter.Encode(item)),
        };
        byte[] signature = SignatureAlgorithm.Ed25519.Sign(_token, Labelled.Bytes(Labels.Touch, TlsWriter.Encode(touch)));
        return new SignedGrant(touch, signature, item, 0, []);
    }

    private ClientHandshake NewClient() => new(Offered, Offered, Registry, _channelKey, RelayPin.Of(Raw(_relayKey)));

    private RelayHandshake NewRelay() => new(Offered, Offered, _relayStatic, _relayAuth);

    private (SecureChannel Client, SecureChannel Relay) Connect()
    {
        ClientHandshake client = NewClient();
        RelayHandshake relay = NewRelay();
        relay.ConsumeHello(client.CreateHello());
        AwaitingReady awaiting = client.ConsumeRelayAuth(relay.CreateRelayAuth(), Now).CreateClientAuth(_clientAuth, out byte[] third);
        SecureChannel relayEnd = relay.ConsumeClientAuth(third, Now, _admission).CreateReady(Now, default, out byte[] record);
        return (awaiting.ConsumeReady(record, out _), relayEnd);
    }

    // Message 2 in, message 3 out: all of the client's side but its hello.
    private Action ClientsSide()
    {
        ClientHandshake client = NewClient();
        using RelayHandshake relay = NewRelay();
        relay.ConsumeHello(client.CreateHello());
        byte[] second = relay.CreateRelayAuth();
        return () => client.ConsumeRelayAuth(second, Now).CreateClientAuth(_clientAuth, out _).Dispose();
    }

    // Message 1 in to Ready out: all of the relay's side.
    private Action RelaysSide()
    {
        // A fixed ephemeral, so that the client's third message can be made before the relay under measure has said its second.
        byte[] prologue = Subprotocol.Prologue(Offered, Offered, Registry);
        byte[] ephemeral = Digest.Of("ephemeral"u8).ToArray();
        RelayHandshake Make() => new(HandshakeState.WithFixedEphemeral(NoiseRole.Responder, prologue, _relayStatic, ephemeral), _relayAuth);
        ClientHandshake client = NewClient();
        byte[] first = client.CreateHello();
        using RelayHandshake rehearsal = Make();
        rehearsal.ConsumeHello(first);
        client.ConsumeRelayAuth(rehearsal.CreateRelayAuth(), Now).CreateClientAuth(_clientAuth, out byte[] third).Dispose();
        return () =>
        {
            using RelayHandshake relay = Make();
            relay.ConsumeHello(first);
            relay.CreateRelayAuth();
            using SecureChannel channel = relay.ConsumeClientAuth(third, Now, _admission).CreateReady(Now, default, out _);
        };
    }
}

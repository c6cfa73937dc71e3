using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>One client, one relay and one token, with every part replaceable.</summary>
internal sealed class ChannelFixture : IDisposable
{
    public const ulong Now = 1_800_000_000;
    public const ulong RegistrySize = 5;

    public ChannelFixture()
    {
        RelayKey = Ed25519(1);
        RelayStaticKey = X25519(2);
        ClientStaticKey = X25519(3);
        TokenKey = Ed25519(4);
        SessionKey = Ed25519(5);
        InviteKey = Ed25519(6);
        Admission = new ChannelAdmission
        {
            RegistryId = RegistryId,
            RelayId = RelayId,
            FindToken = id => id == TokenId ? Token : null,
            RootAt = size => size <= RegistrySize + 1 ? RootAt(size) : null,
            SessionLifetimeAt = _ => 12 * 3600,
            InviteIsOpen = (key, now) => InviteOpen && key == Raw(InviteKey) && now < Now + 3600,
        };
    }

    public static RegistryId RegistryId { get; } = RegistryId.FromBytes(Bytes(0x11));

    public string Offered { get; set; } = Subprotocol.Current;

    public Key RelayKey { get; }

    public Key RelayStaticKey { get; }

    public Key ClientStaticKey { get; }

    public Key TokenKey { get; }

    public Key SessionKey { get; }

    public Key InviteKey { get; }

    public bool InviteOpen { get; set; } = true;

    public ChannelAdmission Admission { get; }

    public static TokenId TokenId { get; } = TokenId.FromBytes(Bytes(0x22));

    public RelayId RelayId => RelayId.OfKey(RelayKey.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public byte[] ClientStatic => ClientStaticKey.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    public EnrolledToken Token { get => field ??= new EnrolledToken(Verifying(TokenKey), false, 0); set; }

    public static byte[] Bytes(byte value) => [.. Enumerable.Repeat(value, 32)];

    public static Digest RootAt(ulong size) => new(Bytes((byte)size));

    public static Digest Raw(Key key) => new(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public static Key Ed25519(byte seed) => Key.Import(SignatureAlgorithm.Ed25519, Bytes(seed), KeyBlobFormat.RawPrivateKey);

    public static Key X25519(byte seed) => Key.Import(KeyAgreementAlgorithm.X25519, Bytes(seed), KeyBlobFormat.RawPrivateKey);

    public static VerifyingKey Verifying(Key key) => VerifyingKey.FromRaw(SignatureScheme.Ed25519, key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public RelayStatic GoodStatic() => new(RegistryId, Raw(RelayStaticKey), Now - 3600, Now + 3600);

    public RelayAuth GoodRelayAuth() => RelayAuth.Certify(RelayKey, GoodStatic(), null);

    public GrantItem GoodItem() => GrantItem.ForChannel(RelayId, ClientStatic, Now + 3600);

    public Touch GoodTouch() => new()
    {
        RegistryId = RegistryId,
        TokenId = TokenId,
        RegistrySize = RegistrySize,
        RegistryRoot = RootAt(RegistrySize),
        SessionKey = Verifying(SessionKey),
        IssuedAt = Now - 60,
        NotAfter = Now + 3600,
        Count = 1,
        Root = default,
    };

    /// <summary>A grant of the first of three items, honestly signed over whatever it says.</summary>
    public SignedGrant Grant(Func<Touch, Touch>? touchChange = null, Func<GrantItem, GrantItem>? itemChange = null, Key? signer = null)
    {
        GrantItem item = itemChange is null ? GoodItem() : itemChange(GoodItem());
        GrantItem[] items =
        [
            item,
            GrantItem.ForRoom(RoomId.FromBytes(Bytes(7)), Bytes(8), Now + 300),
            GrantItem.ForRoom(RoomId.FromBytes(Bytes(9)), Bytes(8), Now + 300),
        ];
        Digest[] leaves = Array.ConvertAll(items, static i => MerkleTree.LeafHash(TlsWriter.Encode(i)));
        Touch touch = GoodTouch() with { Count = 3, Root = MerkleTree.Root(leaves) };
        if (touchChange is not null)
            touch = touchChange(touch);
        byte[] signature = SignatureAlgorithm.Ed25519.Sign(signer ?? TokenKey, Labelled.Bytes(Labels.Touch, TlsWriter.Encode(touch)));
        return new SignedGrant(touch, signature, item, 0, MerkleTree.InclusionPath(leaves, 0));
    }

    public ClientHandshake Client(RelayKeyCheck? check = null)
        => new(Offered, Subprotocol.Current, RegistryId, ClientStaticKey, check ?? RelayPin.Of(Raw(RelayKey)));

    public RelayHandshake Relay(RelayAuth? auth = null) => new(Offered, Subprotocol.Current, RelayStaticKey, auth ?? GoodRelayAuth());

    /// <summary>The client's answer to this proof of the relay's.</summary>
    public VerifiedRelay ShowRelayAuth(RelayAuth auth, RelayKeyCheck? check = null, ulong now = Now)
    {
        ClientHandshake client = Client(check);
        using RelayHandshake relay = Relay(auth);
        relay.ConsumeHello(client.CreateHello());
        return client.ConsumeRelayAuth(relay.CreateRelayAuth(), now);
    }

    /// <summary>The relay's answer to this proof of the client's.</summary>
    public AdmittedClient ShowClientAuth(ClientAuth auth, ulong now = Now)
    {
        using ClientHandshake client = Client();
        RelayHandshake relay = Relay();
        relay.ConsumeHello(client.CreateHello());
        using AwaitingReady awaiting = client.ConsumeRelayAuth(relay.CreateRelayAuth(), Now).CreateClientAuth(auth, out byte[] message);
        return relay.ConsumeClientAuth(message, now, Admission);
    }

    /// <summary>A whole handshake.</summary>
    public (SecureChannel Client, SecureChannel Relay) Connect(ClientAuth? auth = null)
    {
        ClientHandshake client = Client();
        RelayHandshake relay = Relay();
        relay.ConsumeHello(client.CreateHello());
        AwaitingReady awaiting = client.ConsumeRelayAuth(relay.CreateRelayAuth(), Now).CreateClientAuth(auth ?? new ClientAuth.Member(Grant()), out byte[] message);
        SecureChannel relayEnd = relay.ConsumeClientAuth(message, Now, Admission).CreateReady(Now, "checkpoint"u8.ToArray(), out byte[] record);
        return (awaiting.ConsumeReady(record, out _), relayEnd);
    }

    public void Dispose()
    {
        foreach (Key key in new[] { RelayKey, RelayStaticKey, ClientStaticKey, TokenKey, SessionKey, InviteKey })
            key.Dispose();
    }
}

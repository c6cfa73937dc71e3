using System.Security.Cryptography;
using HardwareChat.Protocol;
using HardwareChat.Relay;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.EndToEnd;

/// <summary>A registry that alice has founded, as a relay's data folder holds it; and her touches.</summary>
/// <remarks>Her token is a key of this process. A relay that starts on the folder finds the leaf with its own receipt, and trusts it.</remarks>
public sealed class FoundedRegistry : IDisposable
{
    private readonly Key _relayKey = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
    private readonly Key _sessionKey = Key.Create(SignatureAlgorithm.Ed25519);
    private readonly ECDsa _key9A = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _key9C = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TokenEnrolment _token;
    private readonly RegistryLeaf _leaf;
    private readonly byte[] _evidence = [1];

    /// <summary>Founded now.</summary>
    public FoundedRegistry()
    {
        using var key9D = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _token = new TokenEnrolment(_key9A.ExportSubjectPublicKeyInfo(), key9D.ExportSubjectPublicKeyInfo(), _key9C.ExportSubjectPublicKeyInfo(), Digest.Of(_evidence));
        var body = new Genesis([new Founder(Alice, [_token])], RelayKey, new RegistryPolicy { Version = 0, AttestationRoots = [] }, null);
        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var statement = new Statement { RegistryId = RegistryState.Empty.Id, BaseSize = 0, BaseRoot = RegistryState.Empty.Root, SignedAt = now, Body = body };
        byte[] input = statement.SigningInput();
        StatementSignature[] signatures = [new(_token.TokenId.Value, Sign(_key9A, input)), new(_token.SignatureKeyHash!.Value.Value, Sign(_key9C, input))];
        _leaf = new RegistryLeaf(new SignedStatement(statement, signatures), now);
        RegistryVerdict verdict = RegistryMachine.Apply(RegistryState.Empty, _leaf, EvidenceJudge.AlreadyJudged);
        State = verdict.State ?? throw new InvalidOperationException($"The genesis is refused: {verdict.Rule}.");
    }

    /// <summary>The founder.</summary>
    public static Handle Alice { get; } = Handle.Parse("alice");

    /// <summary>What the registry says.</summary>
    public RegistryState State { get; }

    /// <summary>The relay's public key.</summary>
    public Digest RelayKey => new(_relayKey.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    /// <summary>Writes the relay's identity and a store into its data folder.</summary>
    public async Task WriteAsync(string folder)
    {
        await WriteIdentityAsync(folder);
        await using SqliteStore store = SqliteStore.Open(Path.Combine(folder, "relay.db"));
        await WriteAsync(store);
    }

    /// <summary>Writes the relay's identity into a data folder.</summary>
    public async Task WriteIdentityAsync(string folder)
    {
        string identity = Path.Combine(folder, "identity");
        await File.WriteAllBytesAsync(identity, _relayKey.Export(KeyBlobFormat.RawPrivateKey));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(identity, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Writes the registry into an empty store.</summary>
    public async Task WriteAsync(IRelayStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        using var receipts = new Receipts(_relayKey.Export(KeyBlobFormat.RawPrivateKey));
        byte[] leaf = TlsWriter.Encode(_leaf);
        var receipt = new Digest(receipts.OfLeaf(0, MerkleTree.LeafHash(leaf)));
        await store.AppendLeafAsync(new StoredLeaf(0, leaf, receipt), [new StoredEvidence(_token.Evidence, _evidence)]);
    }

    /// <summary>A touch for a new channel key; the key is the caller's.</summary>
    public (Key ChannelKey, ClientAuth Auth) Touch()
    {
        Key channel = Key.Create(KeyAgreementAlgorithm.X25519);
        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        ulong notAfter = now + State.Policy.SessionLifetime;
        GrantItem item = GrantItem.ForChannel(RelayId.OfKey(RelayKey.ToArray()), channel.PublicKey.Export(KeyBlobFormat.RawPublicKey), notAfter);
        VerifyingKey session = VerifyingKey.FromRaw(SignatureScheme.Ed25519, _sessionKey.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        var draft = new TouchDraft(State.Token(_token.TokenId)!, State, session, [item], now, notAfter);
        return (channel, new ClientAuth.Member(draft.Complete(Sign(_key9A, draft.SigningInput()))[0]));
    }

    /// <summary>The genesis of a room of alice's, which differs from every other.</summary>
    public RoomGenesis NewRoom() => new(State.Id, [Alice], new Digest(RandomNumberGenerator.GetBytes(Digest.Size)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _relayKey.Dispose();
        _sessionKey.Dispose();
        _key9A.Dispose();
        _key9C.Dispose();
    }

    private static byte[] Sign(ECDsa key, byte[] input)
        => EcdsaSignature.Normalise(SignatureScheme.EcdsaSecp256r1Sha256, key.SignData(input, HashAlgorithmName.SHA256));
}

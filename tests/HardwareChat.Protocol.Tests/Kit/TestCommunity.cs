using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>A registry of the test, as its relay keeps it: alice founds it, and statements are signed and appended.</summary>
public sealed class TestCommunity
{
    public const ulong Start = 1_800_000_000;

    private readonly Dictionary<Digest, byte[]> _evidence = [];
    private readonly Dictionary<Handle, List<TestToken>> _tokens = [];

    public TestCommunity(RegistryPolicy? policy = null, params string[] founders)
    {
        Recovery = RecoveryKey.Generate();
        RelayIdentity = Key.Create(SignatureAlgorithm.Ed25519, Exportable);
        Genesis = BuildGenesis(policy ?? new RegistryPolicy { Version = 0, AttestationRoots = [] }, founders.Length == 0 ? ["alice"] : founders);
        Append(Genesis);
    }

    public static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };

    public Key RelayIdentity { get; set; }

    public RecoveryKey Recovery { get; }

    public SignedStatement Genesis { get; }

    public RegistryState State { get; set; } = RegistryState.Empty;

    public List<RegistryLeaf> Leaves { get; } = [];

    public ulong Time { get; set; } = Start;

    /// <summary>What the evidence check says; accepts unless a test changes it.</summary>
    public EvidenceCheck Evidence { get; set; } = static _ => null;

    public EvidenceJudge Judge => new(hash => _evidence.TryGetValue(hash, out byte[]? blob) ? blob : null, question => Evidence(question));

    public byte[][] EncodedLeaves => [.. Leaves.Select(static leaf => Wire.TlsWriter.Encode(leaf))];

    public static Digest Raw(Key key) => new(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public TestToken Token(string handle, int index = 0) => _tokens[Handle.Parse(handle)][index];

    public TestToken NewToken(string handle, SignatureScheme scheme = SignatureScheme.EcdsaSecp256r1Sha256, bool admin = true)
    {
        var token = TestToken.Create(scheme, admin);
        _evidence[token.Enrolment.Evidence] = token.Blob;
        if (!_tokens.TryGetValue(Handle.Parse(handle), out List<TestToken>? tokens))
            _tokens[Handle.Parse(handle)] = tokens = [];
        tokens.Add(token);
        return token;
    }

    public void LoseEvidence(TestToken token) => _evidence.Remove(token.Enrolment.Evidence);

    /// <summary>A statement on the current head, or on an earlier one, with these signatures.</summary>
    public SignedStatement Sign(StatementBody body, ulong? baseSize, params Func<Statement, StatementSignature>[] signers)
    {
        ulong size = baseSize ?? State.Size;
        var statement = new Statement
        {
            RegistryId = State.Id,
            BaseSize = size,
            BaseRoot = State.RootAt(size)!.Value,
            SignedAt = Time,
            Body = body,
        };
        return new SignedStatement(statement, [.. signers.Select(sign => sign(statement))]);
    }

    public SignedStatement Sign(StatementBody body, params Func<Statement, StatementSignature>[] signers) => Sign(body, null, signers);

    /// <summary>Signs with an invite or recovery key.</summary>
    public static Func<Statement, StatementSignature> By(Key key) => statement
        => new StatementSignature(KeyHash.Of(Raw(key).ToArray()).Value, SignatureAlgorithm.Ed25519.Sign(key, statement.SigningInput()));

    public RegistryVerdict Try(SignedStatement statement) => RegistryMachine.Apply(State, new RegistryLeaf(statement, Time), Judge);

    /// <summary>The rule that the statement breaks; it must break one.</summary>
    public RegistryRule Refused(SignedStatement statement)
    {
        RegistryVerdict verdict = Try(statement);
        Assert.Null(verdict.State);
        return verdict.Rule!.Value;
    }

    /// <summary>Appends a statement, which must be valid.</summary>
    public SignedStatement Append(SignedStatement statement)
    {
        RegistryVerdict verdict = Try(statement);
        Assert.Null(verdict.Rule);
        State = verdict.State!;
        Leaves.Add(new RegistryLeaf(statement, Time));
        Time++;
        return statement;
    }

    /// <summary>The leaves with one more, whatever it is, and a head over them: what a hostile relay shows.</summary>
    public (byte[][] Leaves, byte[] Head) Forge(SignedStatement statement)
    {
        byte[][] leaves = [.. EncodedLeaves, Wire.TlsWriter.Encode(new RegistryLeaf(statement, Time))];
        Digest root = MerkleTree.Root(Array.ConvertAll(leaves, static leaf => MerkleTree.LeafHash(leaf)));
        return (leaves, Protocol.Checkpoint.Of(State.Id, (ulong)leaves.Length, root).Sign(RelayIdentity).Encode());
    }

    /// <summary>A replica that a hostile relay feeds the log and one more leaf: it must stop at that leaf, by that rule.</summary>
    public void AssertReplicaStops(RegistryRule rule, SignedStatement statement)
    {
        RegistryReplica replica = Replica();
        Assert.Equal(HeadVerdict.Accepted, replica.Accept(EncodedLeaves, Checkpoint()));
        (byte[][] leaves, byte[] head) = Forge(statement);
        Assert.Equal(HeadVerdict.Stopped, replica.Accept([leaves[^1]], head));
        Assert.Equal((rule, State.Size), (replica.Stop!.Rule, replica.Stop.Index));
        Assert.Equal(State.Size, replica.State.Size);
        Assert.False(replica.IsSound);
    }

    /// <summary>alice invites, and the new user enrols.</summary>
    public TestToken Enrol(
        string handle, SignatureScheme scheme = SignatureScheme.EcdsaSecp256r1Sha256, bool admin = true, Role role = Role.Member)
    {
        Key invite = Invite(handle: null, role);
        TestToken token = NewToken(handle, scheme, admin);
        Append(EnrolStatement(handle, token, invite));
        return token;
    }

    public Key Invite(string? handle = null, Role role = Role.Member)
    {
        Key key = Key.Create(SignatureAlgorithm.Ed25519);
        Handle? reserved = handle is null ? null : Handle.Parse(handle);
        Append(Sign(new Invite(Raw(key), reserved, role, Time + 3600), Token("alice").As9C));
        return key;
    }

    public SignedStatement EnrolStatement(string handle, TestToken token, Key invite)
        => Sign(new Enrol(Handle.Parse(handle), token.Enrolment), [.. token.AllKeys(), By(invite)]);

    public SignedStatement AddTokenStatement(string handle, TestToken old, TestToken token)
        => Sign(new AddToken(Handle.Parse(handle), token.Enrolment), [old.As9A, .. token.AllKeys()]);

    public TestToken AddToken(string handle)
    {
        TestToken old = Token(handle);
        TestToken token = NewToken(handle);
        Append(AddTokenStatement(handle, old, token));
        return token;
    }

    public SignedStatement RoleStatement(string handle, Role role, params TestToken[] admins)
        => Sign(new RoleChange(Handle.Parse(handle), role, []), [.. (admins.Length == 0 ? [Token("alice")] : admins).Select(admin => (Func<Statement, StatementSignature>)admin.As9C)]);

    public SignedStatement RevokeStatement(TestToken token, TestToken admin, bool alsoAdded = false, ulong since = 0)
        => Sign(new Revoke(token.Id, RevocationReason.Compromised, since, alsoAdded), admin.As9C);

    public byte[] Checkpoint(ulong? size = null)
    {
        ulong at = size ?? State.Size;
        return Protocol.Checkpoint.Of(State.Id, at, State.RootAt(at)!.Value).Sign(RelayIdentity).Encode();
    }

    public RegistryReplica Replica(WitnessKey? witness = null) => new(State.Id, Judge, witness: witness);

    private SignedStatement BuildGenesis(RegistryPolicy policy, string[] founders)
    {
        var list = founders.Select(name => new Founder(Handle.Parse(name), [NewToken(name).Enrolment])).ToList();
        using Key recovery = Recovery.ToKey();
        var body = new Genesis(list, Raw(RelayIdentity), policy, Raw(recovery));
        return Sign(body, [.. founders.SelectMany(name => Token(name).AllKeys())]);
    }
}

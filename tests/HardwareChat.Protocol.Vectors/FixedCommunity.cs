using NSec.Cryptography;

namespace HardwareChat.Protocol.Vectors;

/// <summary>A small registry: alice founds it, invites bob, bob enrols and signs out.</summary>
internal sealed class FixedCommunity
{
    public const ulong Start = 1_800_000_000;

    private readonly Dictionary<Digest, byte[]> _evidence = [];

    public FixedCommunity()
    {
        Append(Sign(
            new Genesis([new Founder(Handle.Parse("alice"), [Enrolment("alice", Alice9A, Alice9C)])], new Digest(FixedKeys.Public(RelayKey)), new RegistryPolicy { Version = 0, AttestationRoots = [] }, null),
            As9A(Alice9A),
            As9C(Alice9C)));
        using Key invite = FixedKeys.Ed25519("invite");
        Append(Sign(new Invite(new Digest(FixedKeys.Public(invite)), Handle.Parse("bob"), Role.Member, Start + 3600), As9C(Alice9C)));
        Append(Sign(new Enrol(Handle.Parse("bob"), Enrolment("bob", Bob9A, null)), As9A(Bob9A), ByInvite(invite)));
        Append(Sign(new SignOut(TokenId.OfSpki(Bob9A.Public.ToSpki())), As9A(Bob9A)));
    }

    public static FixedSigner Alice9A { get; } = new("alice 9A", SignatureScheme.EcdsaSecp256r1Sha256);

    public static FixedSigner Alice9C { get; } = new("alice 9C", SignatureScheme.EcdsaSecp256r1Sha256);

    public static FixedSigner Bob9A { get; } = new("bob 9A", SignatureScheme.Ed25519);

    public Key RelayKey { get; } = FixedKeys.Ed25519("relay key");

    public RegistryState State { get; private set; } = RegistryState.Empty;

    public List<RegistryLeaf> Leaves { get; } = [];

    public byte[] Checkpoint(ulong size) => Protocol.Checkpoint.Of(State.Id, size, State.RootAt(size)!.Value).Sign(RelayKey).Encode();

    private TokenEnrolment Enrolment(string name, FixedSigner authentication, FixedSigner? signature)
    {
        byte[] blob = FixedKeys.Seed($"evidence {name}");
        Digest hash = Digest.Of(blob);
        _evidence[hash] = blob;
        byte[] agreement = new FixedSigner($"{name} 9D", SignatureScheme.EcdsaSecp256r1Sha256).Public.ToSpki();
        return new TokenEnrolment(authentication.Public.ToSpki(), agreement, signature is null ? [] : signature.Public.ToSpki(), hash);
    }

    private static Func<Statement, StatementSignature> As9A(FixedSigner signer)
        => statement => new StatementSignature(TokenId.OfSpki(signer.Public.ToSpki()).Value, signer.Sign(statement.SigningInput()));

    private static Func<Statement, StatementSignature> As9C(FixedSigner signer)
        => statement => new StatementSignature(KeyHash.Of(signer.Public.ToSpki()).Value, signer.Sign(statement.SigningInput()));

    private static Func<Statement, StatementSignature> ByInvite(Key key)
        => statement => new StatementSignature(KeyHash.Of(FixedKeys.Public(key)).Value, SignatureAlgorithm.Ed25519.Sign(key, statement.SigningInput()));

    private SignedStatement Sign(StatementBody body, params Func<Statement, StatementSignature>[] signers)
    {
        var statement = new Statement { RegistryId = State.Id, BaseSize = State.Size, BaseRoot = State.Root, SignedAt = Start + State.Size, Body = body };
        return new SignedStatement(statement, [.. signers.Select(sign => sign(statement))]);
    }

    private void Append(SignedStatement statement)
    {
        var leaf = new RegistryLeaf(statement, Start + (10 * State.Size));
        RegistryVerdict verdict = RegistryMachine.Apply(
            State, leaf, new EvidenceJudge(hash => _evidence.TryGetValue(hash, out byte[]? blob) ? blob : null, static _ => null));
        State = verdict.State ?? throw new InvalidOperationException($"the registry refuses a statement of the vectors: {verdict.Rule}");
        Leaves.Add(leaf);
    }
}

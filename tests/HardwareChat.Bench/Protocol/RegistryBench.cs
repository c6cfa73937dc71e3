using System.Diagnostics;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Enrolment;
using HardwareChat.Protocol;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Bench.Protocol;

/// <summary>What a client does before it can trust anybody: verifies touches, checks grants, and replays the registry from nothing.</summary>
/// <remarks>One thread throughout. <c>--users N</c> sets the size of the replayed registry (10,000); <c>--json</c> prints lines.</remarks>
internal static class RegistryBench
{
    private const ulong Start = 1_800_000_000;
    private static readonly RoomId Room = new(Digest.Of("room"u8));

    public static int Run(Arguments arguments)
    {
        var report = new Report(arguments.Has("json"));
        int users = arguments.Number("users", 10_000);
        var community = new Community();
        TouchesAndGrants(report, community);
        Replay(report, community, users);
        return 0;
    }

    private static void TouchesAndGrants(Report report, Community community)
    {
        RegistryState state = community.State;
        using Key sessionKey = Key.Create(SignatureAlgorithm.Ed25519);
        VerifyingKey session = VerifyingKey.FromRaw(SignatureScheme.Ed25519, sessionKey.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        byte[] encryptionKey = RandomNumberGenerator.GetBytes(32);
        GrantItem[] items = [.. Enumerable.Range(0, 256).Select(_ => GrantItem.ForRoom(Room, encryptionKey, Start + 60))];
        var draft = new TouchDraft(state.Token(community.Alice.Id)!, state, session, items, Start, Start + 3600);
        IReadOnlyList<SignedGrant> grants = draft.Complete(community.Alice.Sign9A(draft.SigningInput()));
        byte[] encoded = TlsWriter.Encode(grants[100]);
        var warm = new TouchVerifier();
        var checks = new LeafChecks(warm);
        var rules = new RoomRules(Room, ProtocolLimits.LingerDefault, RoomRemovals.None);

        report.Row(Measurement.Of("touch build, 256 items", 0, 256, () => GC.KeepAlive(new TouchDraft(state.Token(community.Alice.Id)!, state, session, items, Start, Start + 3600))));
        report.Row(Measurement.Of("touch verify, P-256", 0, 1, () => Require(new TouchVerifier().Verify(SignedGrant.Decode(encoded), state, state.Size))));
        report.Row(Measurement.Of("grant check, touch known", 0, 1, () =>
        {
            var leaf = new LeafFacts { Grant = SignedGrant.Decode(encoded), SignatureKey = session.Raw.ToArray(), Scheme = SignatureScheme.Ed25519, EncryptionKey = encryptionKey };
            Require(checks.Entry(leaf, EntryWay.External, new Stamp(Start, state.Size), state, rules, default));
        }));
    }

    private static void Replay(Report report, Community community, int users)
    {
        for (int i = 0; i < users; i++)
            community.Enrol(i);
        byte[][] leaves = [.. community.Leaves.Select(static leaf => TlsWriter.Encode(leaf))];
        byte[] head = Checkpoint.Of(community.State.Id, community.State.Size, community.State.Root).Sign(community.RelayKey).Encode();
        byte[] last = leaves[^1];

        report.Row(Measurement.Of("registry apply, one enrol", 0, users, () => Require(RegistryMachine.Apply(community.BeforeLast, RegistryLeaf.Decode(last), community.Judge).Rule)));
        // The floor: as many verifications by the platform as a replay of these users needs, with keys that are imported already,
        // and then the imports of the two keys of each user that verify something: 9A's and F9's.
        using var floor = new Floor();
        Measurement[] rows =
        [
            .. Once("floor: bare verifications", users, () => floor.Verify(users)),
            .. Once("floor: bare key imports", users, () => floor.Import(2 * users)),
            .. Once("registry cold replay", users, () => Accept(new EvidenceJudge(community.Judge.Source, new PivEvidence().Check))),
            .. Once("the same, no evidence", users, () => Accept(EvidenceJudge.AlreadyJudged)),
        ];
        foreach (Measurement row in rows)
            report.Row(row);

        void Accept(EvidenceJudge judge)
        {
            var replica = new RegistryReplica(community.State.Id, judge);
            if (replica.Accept(leaves, head) != HeadVerdict.Accepted)
                throw new InvalidOperationException($"The replica stopped: {replica.Stop}.");
        }
    }

    // Two rows: by the clock, and the processor time of all cores together, which is what one core would take. On a machine
    // that others use too, the clock says more of them than of us.
    private static IEnumerable<Measurement> Once(string bench, int users, Action work)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cores = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        work();
        double clock = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        double processor = (Environment.CpuUsage.TotalTime - cores).TotalMilliseconds;
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        return [new Measurement(bench, 0, users, clock, allocated), new Measurement("  on one core", 0, users, processor, allocated)];
    }

    private static void Require<T>(T? rule)
        where T : struct, Enum
    {
        if (rule is not null)
            throw new InvalidOperationException($"What is measured was refused: {rule}.");
    }

    /// <summary>What the platform takes for the public-key operations alone, in a bare loop.</summary>
    private sealed class Floor : IDisposable
    {
        // The admin's invite; the enrolment by 9A; the attestations of 9A and 9D, and F9's certificate. And one by the invite's key.
        private const int EcdsaPerUser = 5;

        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly Key _invite = Key.Create(SignatureAlgorithm.Ed25519);
        private readonly byte[] _hash = RandomNumberGenerator.GetBytes(32);
        private readonly byte[] _ecdsa;
        private readonly byte[] _ed25519;
        private readonly ECParameters _public;

        public Floor()
        {
            _ecdsa = _key.SignHash(_hash);
            _ed25519 = SignatureAlgorithm.Ed25519.Sign(_invite, _hash);
            _public = _key.ExportParameters(includePrivateParameters: false);
        }

        public void Verify(int users)
        {
            bool good = true;
            for (int i = 0; i < users; i++)
            {
                for (int j = 0; j < EcdsaPerUser; j++)
                    good &= _key.VerifyHash(_hash, _ecdsa);
                good &= SignatureAlgorithm.Ed25519.Verify(_invite.PublicKey, _hash, _ed25519);
            }
            if (!good)
                throw new InvalidOperationException("The platform refuses its own signature.");
        }

        public void Import(int keys)
        {
            for (int i = 0; i < keys; i++)
                ECDsa.Create(_public).Dispose();
        }

        public void Dispose()
        {
            _key.Dispose();
            _invite.Dispose();
        }
    }

    /// <summary>A registry with an admin, whose users enrol with attested tokens.</summary>
    private sealed class Community
    {
        private readonly Dictionary<Digest, byte[]> _evidence = [];
        private ulong _time = Start;

        public Community()
        {
            Alice = new AttestedToken(0, admin: true);
            RelayKey = Key.Create(SignatureAlgorithm.Ed25519);
            Keep(Alice);
            var policy = new RegistryPolicy { Version = 0, AttestationRoots = [AttestedToken.Root] };
            var genesis = new Genesis([new Founder(Handle.Parse("alice"), [Alice.Enrolment])], Raw(RelayKey), policy, null);
            Append(genesis, Alice.As9A, Alice.As9C);
        }

        public AttestedToken Alice { get; }

        public Key RelayKey { get; }

        public RegistryState State { get; private set; } = RegistryState.Empty;

        public RegistryState BeforeLast { get; private set; } = RegistryState.Empty;

        public List<RegistryLeaf> Leaves { get; } = [];

        public EvidenceJudge Judge => new(hash => _evidence[hash], static _ => null);

        public void Enrol(int number)
        {
            using Key invite = Key.Create(SignatureAlgorithm.Ed25519);
            Append(new Invite(Raw(invite), null, Role.Member, _time + 3600), Alice.As9C);
            var token = new AttestedToken(number + 1, admin: false);
            Keep(token);
            var handle = Handle.Parse(string.Create(CultureInfo.InvariantCulture, $"u{number}"));
            Append(new Enrol(handle, token.Enrolment), token.As9A, statement => By(invite, statement));
        }

        private void Keep(AttestedToken token) => _evidence[token.Enrolment.Evidence] = token.Evidence;

        private void Append(StatementBody body, params Func<Statement, StatementSignature>[] signers)
        {
            var statement = new Statement { RegistryId = State.Id, BaseSize = State.Size, BaseRoot = State.Root, SignedAt = _time, Body = body };
            var leaf = new RegistryLeaf(new SignedStatement(statement, [.. signers.Select(sign => sign(statement))]), _time++);
            RegistryVerdict verdict = RegistryMachine.Apply(State, leaf, Judge);
            BeforeLast = State;
            State = verdict.State ?? throw new InvalidOperationException($"The bench's statement is refused: {verdict.Rule}.");
            Leaves.Add(leaf);
        }

        private static Digest Raw(Key key) => new(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

        private static StatementSignature By(Key key, Statement statement)
            => new(KeyHash.Of(Raw(key).ToArray()).Value, SignatureAlgorithm.Ed25519.Sign(key, statement.SigningInput()));
    }

    /// <summary>A token whose keys are attested by a device of its own, under one root.</summary>
    private sealed class AttestedToken
    {
        private const string Arc = "1.3.6.1.4.1.41482.3.";
        private static readonly DateTimeOffset From = DateTimeOffset.FromUnixTimeSeconds((long)Start).AddYears(-1);
        private static readonly ECDsa RootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        private readonly ECDsa _key9A = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly ECDsa? _key9C;

        public AttestedToken(int serial, bool admin)
        {
            using var f9 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var key9D = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            _key9C = admin ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
            var evidence = new TokenEvidence(
                Attest("9a", _key9A, [2, 2], serial, f9),
                Attest("9d", key9D, [2, 1], serial, f9),
                _key9C is null ? [] : Attest("9c", _key9C, [3, 2], serial, f9),
                [Create("CN=Bench PIV Attestation", f9, "CN=Bench Root", RootKey, Authority(0))]);
            Evidence = TlsWriter.Encode(evidence);
            Enrolment = new TokenEnrolment(
                _key9A.ExportSubjectPublicKeyInfo(), key9D.ExportSubjectPublicKeyInfo(), _key9C?.ExportSubjectPublicKeyInfo() ?? [], Digest.Of(Evidence));
        }

        public static byte[] Root { get; } = Create("CN=Bench Root", RootKey, "CN=Bench Root", RootKey, Authority(1));

        public byte[] Evidence { get; }

        public TokenEnrolment Enrolment { get; }

        public TokenId Id => Enrolment.TokenId;

        public byte[] Sign9A(byte[] input) => Sign(_key9A, input);

        public StatementSignature As9A(Statement statement) => new(Id.Value, Sign(_key9A, statement.SigningInput()));

        public StatementSignature As9C(Statement statement) => new(Enrolment.SignatureKeyHash!.Value.Value, Sign(_key9C!, statement.SigningInput()));

        private static byte[] Sign(ECDsa key, byte[] input)
            => EcdsaSignature.Normalise(SignatureScheme.EcdsaSecp256r1Sha256, key.SignData(input, HashAlgorithmName.SHA256));

        private static byte[] Attest(string slot, ECDsa key, byte[] policy, int serial, ECDsa f9)
        {
            var number = new AsnWriter(AsnEncodingRules.DER);
            number.WriteInteger(serial);
            return Create($"CN=Bench PIV Attestation {slot}", key, "CN=Bench PIV Attestation", f9,
                [new(Arc + "3", (byte[])[5, 7, 1], false), new(Arc + "7", number.Encode(), false), new(Arc + "8", policy, false)]);
        }

        private static X509Extension[] Authority(int pathLength)
            => [new X509BasicConstraintsExtension(true, true, pathLength, true), new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true)];

        private static byte[] Create(string subject, ECDsa key, string issuer, ECDsa issuerKey, X509Extension[] extensions)
        {
            var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
            foreach (X509Extension extension in extensions)
                request.CertificateExtensions.Add(extension);
            using X509Certificate2 certificate = request.Create(
                new X500DistinguishedName(issuer), X509SignatureGenerator.CreateForECDsa(issuerKey), From, From.AddYears(2), [1, 2, 3, 4]);
            return certificate.RawData;
        }
    }
}

using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Protocol.Tests;

/// <summary>Writes one valid encoding for each decoder of touches, registry and rooms: where fuzzing starts.</summary>
public sealed class CorpusWriter
{
    [Fact(Explicit = true)]
    public void Write_the_fuzz_corpus()
    {
        var community = new TestCommunity();
        TestToken bob = community.Enrol("bob", SignatureScheme.Ed25519);
        var session = new TestSession();
        var genesis = new RoomGenesis(community.State.Id, [Handle.Parse("alice")], Digest.Of("nonce"u8));
        SignedGrant grant = session.RoomGrant(bob, community.State, community.Time, genesis.RoomId);
        var policy = new RoomPolicy
        {
            Genesis = genesis,
            Version = 1,
            Admins = [Handle.Parse("bob")],
            Inviters = Who.Members,
            Door = new Door.Phrase(PhraseParameters.Create(0)),
            Linger = ProtocolLimits.LingerDefault,
            Retention = 1_000_000,
            Signer = grant,
            Signature = new byte[64],
        };
        Write(nameof(SignedGrant), "room", TlsWriter.Encode(grant));
        Write(nameof(SignedGrant), "package", TlsWriter.Encode(session.KeyPackageGrant(community.Token("alice"), community.State, community.Time)));
        for (int i = 0; i < community.Leaves.Count; i++)
            Write(nameof(RegistryLeaf), community.Leaves[i].Statement.Statement.Body.Kind.ToString().ToLowerInvariant(), community.EncodedLeaves[i]);
        Write(nameof(SignedStatement), "role", TlsWriter.Encode(community.RoleStatement("bob", Role.Admin)));
        Write(nameof(SignedStatement), "policy", TlsWriter.Encode(community.Sign(new PolicyChange(community.State.Policy), community.Token("alice").As9C)));
        Write(nameof(Checkpoint), "signed", community.Checkpoint());
        Write(nameof(VerifyingKey), "p256", community.Token("alice").Enrolment.AuthenticationSpki.ToArray());
        Write(nameof(VerifyingKey), "ed25519", bob.Enrolment.AuthenticationSpki.ToArray());
        Write(nameof(EcdsaSignature), "der", [0x30, 6, 2, 1, 5, 2, 1, 7]);
        Write(nameof(RoomEntry), "first", TlsWriter.Encode(new RoomEntry(genesis.RoomId, 0, genesis.RoomId.Value, new Stamp(1, 2), EntryKind.Handshake, default)));
        Write(nameof(Seen), "first", TlsWriter.Encode(new Seen(1, default, 2, default)));
        Write(nameof(RoomPolicy), "phrase", TlsWriter.Encode(policy));
        Write(nameof(RoomPolicy), "listed", TlsWriter.Encode(policy with { Door = new Door.Listed([Handle.Parse("bob")]) }));
        Write(nameof(RoomRemovals), "two", TlsWriter.Encode(new RoomRemovals([new Removal(Handle.Parse("bob"), bob.Id, 5), new Removal(Handle.Parse("bob"), null, Removal.Ban)])));
        using InviteCode code = InviteCode.Generate();
        Write(nameof(PaperCode), "code", Encoding.ASCII.GetBytes(code.ToPaper()));
        using var link = new InviteLink(new Uri("https://chat.example/"), community.State.Id, default, 1, default, InviteCode.Generate());
        Write(nameof(InviteLink), "link", Encoding.ASCII.GetBytes(link.ToLink()));
        Write(nameof(InviteLink), "qr", Encoding.ASCII.GetBytes(link.ToQr()));
    }

    private static void Write(string target, string name, byte[] bytes)
    {
        string folder = Path.Combine(Corpora(), $"Protocol.{target}");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, $"{name}.bin"), bytes);
    }

    private static string Corpora()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !Directory.Exists(Path.Combine(folder.FullName, "tests", "HardwareChat.Fuzz", "corpus")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "tests", "HardwareChat.Fuzz", "corpus");
    }
}

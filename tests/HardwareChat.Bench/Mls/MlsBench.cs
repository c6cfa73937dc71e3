using HardwareChat.Mls;

namespace HardwareChat.Bench.Mls;

// mls [--suite 1|2|3] [--members 2,10,100,1000] [--json] [--peer ts-mls]
//
// Each row does what the row of the same name does in tests/interop/ts-mls-bench.mjs: from bytes to bytes, in a group whose tree has only
// leaves (the worst case of a path: one ciphertext for each other member).

/// <summary>The costs of one client's operations, by the size of the group.</summary>
internal static class MlsBench
{
    private const int MessageLength = 1024;

    public static int Run(Arguments arguments)
    {
        int suiteNumber = arguments.Number("suite", 1);
        int[] sizes = arguments.Numbers("members", 2, 10, 100, 1000);
        if (!CipherSuite.TryGet(new CipherSuiteId((ushort)suiteNumber), out CipherSuite? suite))
            throw new ArgumentException($"--suite: the library does not have suite {suiteNumber}");
        if (sizes.Any(size => size < 2))
            throw new ArgumentException("--members: a group of the bench has two members at least");

        Dictionary<(string, int), double> peer = arguments.Text("peer") switch
        {
            null => [],
            "ts-mls" => TsMlsPeer.Run(suiteNumber, sizes),
            string other => throw new ArgumentException($"--peer: there is no peer {other}"),
        };
        var report = new Report(arguments.Has("json"));
        foreach (int members in sizes)
        {
            foreach (Measurement row in Rows(suite, members))
                report.Row(row, peer.TryGetValue((row.Bench, members), out double theirs) ? theirs : null);
        }

        return 0;
    }

    private static IEnumerable<Measurement> Rows(CipherSuite suite, int members)
    {
        yield return MeasureAlone("make a key package", () => new BenchMember(suite).Dispose());

        using var creator = new BenchMember(suite);
        BenchMember[] joiners = [.. Enumerable.Range(1, members - 1).Select(_ => new BenchMember(suite))];
        byte[][] packages = [.. joiners.Select(joiner => joiner.Published)];
        MlsGroup group = null!;
        byte[] welcome = [];
        yield return MeasureAlone("create group and add all", () =>
        {
            group?.Dispose();
            group = MlsGroup.Create(suite, GroupId.Random(), creator.Signer, creator.Content, BenchMember.Policy);
            Proposal[] adds = [.. packages.Select(bytes => new AddProposal(MlsMessage.Decode(bytes).KeyPackage!))];
            CommitBundle bundle = group.Commit(creator.Signer, BenchMember.Policy, new CommitOptions { Proposals = adds, OmitPath = true });
            group.MergePending();
            welcome = bundle.Welcome!.Value.ToArray();
        });

        BenchMember joiner = joiners[0];
        yield return MeasureAlone("process Welcome", () => joiner.Join(welcome).Dispose());

        CommitBundle commit = null!;
        yield return MeasureAlone("commit with path", () =>
        {
            group.DiscardPending();
            commit = group.Commit(creator.Signer, BenchMember.Policy);
        });

        byte[] commitBytes = commit.Message.ToArray();
        byte[] saved;
        using (MlsGroup receiver = joiner.Join(welcome))
            saved = receiver.Save();
        MlsGroup? processed = null;
        yield return Measure("process commit", () => Again(ref processed, saved), member => BenchMember.Process(member, commitBytes));

        group.MergePending();
        byte[] text = new byte[MessageLength];
        var output = new System.Buffers.ArrayBufferWriter<byte>(2 * MessageLength);
        yield return Measure(
            "encrypt 1 KiB",
            () =>
            {
                output.ResetWrittenCount();
                return output;
            },
            buffer => group.Encrypt(creator.Signer, text, default, buffer));

        using MlsGroup reader = processed!;
        yield return Measure("decrypt 1 KiB", () => group.Encrypt(creator.Signer, text), message => reader.Receive(message));

        var state = new System.Buffers.ArrayBufferWriter<byte>(saved.Length * 2);
        yield return Measure(
            "save state",
            () =>
            {
                state.ResetWrittenCount();
                return state;
            },
            group.Save);
        byte[] stateBytes = group.Save();
        yield return MeasureAlone("restore state", () => MlsGroup.Restore(stateBytes).Dispose());

        group.Dispose();
        foreach (BenchMember member in joiners)
            member.Dispose();

        Measurement Measure<T>(string bench, Func<T> prepare, Action<T> work) => Measurement.Of(bench, suite.Id.Value, members, prepare, work);
        Measurement MeasureAlone(string bench, Action work) => Measurement.Of(bench, suite.Id.Value, members, work);
    }

    private static MlsGroup Again(ref MlsGroup? group, byte[] saved)
    {
        group?.Dispose();
        return group = MlsGroup.Restore(saved);
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using HardwareChat.Mls;

namespace HardwareChat.Bench.Mls;

// mls-growth [--suite 1|2|3] [--members 10,100,1000,10000,50000] [--json]
//
// A populated tree, as the first member sees it: in each subtree beside its path one member has committed, so that every node to which the
// first member encrypts is set. Its commit then costs one ciphertext a level; what must carry the whole tree grows with the members.

/// <summary>How time and bytes grow with the group.</summary>
internal static class GrowthBench
{
    public static int Run(Arguments arguments)
    {
        int suiteNumber = arguments.Number("suite", 1);
        if (!CipherSuite.TryGet(new CipherSuiteId((ushort)suiteNumber), out CipherSuite? suite))
            throw new ArgumentException($"--suite: the library does not have suite {suiteNumber}");
        bool json = arguments.Has("json");
        foreach (int members in arguments.Numbers("members", 10, 100, 1000, 10_000, 50_000))
        {
            foreach ((Measurement row, int bytes) in Rows(suite, members))
                Print(json, row, bytes);
        }

        return 0;
    }

    private static IEnumerable<(Measurement Row, int Bytes)> Rows(CipherSuite suite, int members)
    {
        using var first = new BenchMember(suite);
        BenchMember[] joiners = [.. Enumerable.Range(1, members - 1).Select(_ => new BenchMember(suite))];
        using MlsGroup group = MlsGroup.Create(suite, GroupId.Random(), first.Signer, first.Content, BenchMember.Policy);
        CommitBundle all = group.Commit(first.Signer, BenchMember.Policy, new CommitOptions
        {
            Proposals = [.. joiners.Select(joiner => new AddProposal(joiner.Bundle.KeyPackage))],
            OmitPath = true,
        });
        group.MergePending();
        byte[] welcome = all.Welcome!.Value.ToArray();
        MlsGroup other = Populate(group, joiners, welcome);

        CommitBundle commit = null!;
        Measurement row = Measurement.Of("commit", suite.Id.Value, members, () =>
        {
            group.DiscardPending();
            commit = group.Commit(first.Signer, BenchMember.Policy);
        });
        yield return (row, commit.Message.Length);

        byte[] commitBytes = commit.Message.ToArray();
        row = Measurement.Of("process commit", suite.Id.Value, members, () =>
        {
            other.Stage((CommitMessage)other.Receive(commitBytes), BenchMember.Policy).Dispose();
        });
        yield return (row, commitBytes.Length);

        byte[] saved = [];
        group.DiscardPending();
        row = Measurement.Of("save state", suite.Id.Value, members, () => saved = group.Save());
        yield return (row, saved.Length);

        using var newcomer = new BenchMember(suite);
        CommitBundle add = null!;
        row = Measurement.Of("add one and make its Welcome", suite.Id.Value, members, () =>
        {
            group.DiscardPending();
            add = group.Commit(first.Signer, BenchMember.Policy, new CommitOptions { Proposals = [new AddProposal(newcomer.Bundle.KeyPackage)] });
        });
        byte[] oneWelcome = add.Welcome!.Value.ToArray();
        yield return (row, oneWelcome.Length);
        yield return (Measurement.Of("process Welcome", suite.Id.Value, members, () => newcomer.Join(oneWelcome).Dispose()), oneWelcome.Length);

        other.Dispose();
        foreach (BenchMember joiner in joiners)
            joiner.Dispose();
    }

    // The leaves 1, 2, 4, 8, ... stand one in each subtree beside the path of leaf 0. Returns the group as the last of them sees it.
    private static MlsGroup Populate(MlsGroup group, BenchMember[] joiners, byte[] welcome)
    {
        var seen = new List<(BenchMember Member, MlsGroup Group)>();
        for (int leaf = 1; leaf <= joiners.Length; leaf *= 2)
            seen.Add((joiners[leaf - 1], joiners[leaf - 1].Join(welcome)));
        for (int i = 0; i < seen.Count; i++)
        {
            byte[] commit = seen[i].Group.Commit(seen[i].Member.Signer, BenchMember.Policy).Message.ToArray();
            BenchMember.Process(group, commit);
            for (int j = 0; j < seen.Count; j++)
            {
                if (i == j)
                    seen[j].Group.MergePending();
                else
                    BenchMember.Process(seen[j].Group, commit);
            }
        }

        foreach ((_, MlsGroup other) in seen.SkipLast(1))
            other.Dispose();
        return seen[^1].Group;
    }

    private static void Print(bool json, Measurement row, int bytes)
    {
        Console.WriteLine(json
            ? new JsonObject
            {
                ["bench"] = row.Bench,
                ["suite"] = row.Suite,
                ["members"] = row.Members,
                ["median_ms"] = Math.Round(row.MedianMilliseconds, 5),
                ["allocated_bytes"] = row.AllocatedBytes,
                ["bytes"] = bytes,
            }.ToJsonString()
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Bench,-30} N={row.Members,-6} {row.MedianMilliseconds,12:0.000} ms {bytes,12:N0} bytes"));
    }
}

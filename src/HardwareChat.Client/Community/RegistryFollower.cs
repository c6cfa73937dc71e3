using HardwareChat.Enrolment;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>The client's replica of the registry, and how it comes by what it verifies.</summary>
public sealed class RegistryFollower
{
    // What a relay signs as the log's size is its word alone until the leaves are there: beyond this they are not waited for.
    private const long MostBytes = 64L * 1024 * 1024;

    private readonly Dictionary<Digest, byte[]> _evidence = [];

    /// <summary>A replica with no leaves yet.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="pinned">A head that the log must contain, from the invite.</param>
    public RegistryFollower(RegistryId registry, (ulong Size, Digest Root)? pinned = null)
    {
        var check = new PivEvidence();
        Replica = new RegistryReplica(registry, new EvidenceJudge(Find, check.Check), pinned);
    }

    /// <summary>The replica.</summary>
    public RegistryReplica Replica { get; }

    /// <summary>What the log says, as far as it was verified.</summary>
    public RegistryState State => Replica.State;

    /// <summary>Takes what a vault kept.</summary>
    /// <returns>False if it is not accepted as it was before: the vault was tampered with, or a rule has changed.</returns>
    public bool Load(VaultTransaction vault)
    {
        ArgumentNullException.ThrowIfNull(vault);
        if (vault.Registry.FindHead() is not { } head)
            return true;
        IReadOnlyList<byte[]> leaves = vault.Registry.Leaves();
        for (int i = 0; i < leaves.Count; i++)
        {
            foreach (byte[] blob in vault.Registry.FindEvidence((ulong)i))
                _evidence[Digest.Of(blob)] = blob;
        }
        return Replica.Accept(leaves, head) == HeadVerdict.Accepted;
    }

    /// <summary>Reads the log to the relay's head, and verifies it; keeps what is new in the vault.</summary>
    /// <returns>What became of the head.</returns>
    public async Task<HeadVerdict> SyncAsync(RelayConnection connection, Vault? vault, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ulong from = State.Size;
        long bytes = 0;
        var leaves = new List<byte[]>();
        ReadOnlyMemory<byte> head;
        while (true)
        {
            Leaves page = await connection.AskPatientlyAsync<Leaves>(new GetLeaves(from + (ulong)leaves.Count), cancel);
            head = page.Checkpoint;
            leaves.AddRange(page.Items.Select(static item => item.Leaf.ToArray()));
            bytes += page.Items.Sum(static item => (long)item.Leaf.Length);
            if (page.Items.Count == 0 || from + (ulong)leaves.Count >= SizeOf(head) || bytes > MostBytes)
                break;
        }
        Dictionary<int, List<byte[]>> evidence = await FetchAsync(connection, leaves, cancel);
        HeadVerdict verdict = Replica.Accept(leaves, head.Span);
        if (verdict == HeadVerdict.Accepted && vault is not null)
            Keep(vault, from, leaves, evidence, head.ToArray());
        return verdict;
    }

    /// <summary>Takes the leaf of a statement that the relay has just appended, without asking for it.</summary>
    /// <returns>False if others came before it, or the relay's answer is not accepted: then the log is to be read.</returns>
    public bool TakeOwn(SignedStatement statement, Submitted answer, Vault vault)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(vault);
        ulong from = State.Size;
        byte[] leaf = TlsWriter.Encode(new RegistryLeaf(statement, answer.AppendedAt));
        if (answer.Index != from || Replica.Accept([leaf], answer.Checkpoint.Span) != HeadVerdict.Accepted)
            return false;
        Keep(vault, from, [leaf], [], answer.Checkpoint.ToArray());
        return true;
    }

    private ReadOnlyMemory<byte>? Find(Digest hash) => _evidence.TryGetValue(hash, out byte[]? blob) ? blob : null;

    // Which evidence a policy asks for is the replica's to say; what a relay does not have, it does not get.
    private async Task<Dictionary<int, List<byte[]>>> FetchAsync(RelayConnection connection, List<byte[]> leaves, CancellationToken cancel)
    {
        var fetched = new Dictionary<int, List<byte[]>>();
        for (int i = 0; i < leaves.Count; i++)
        {
            foreach (Digest hash in HashesOf(leaves[i]))
            {
                try
                {
                    byte[] blob = (await connection.AskPatientlyAsync<EvidenceFrame>(new GetEvidence(hash), cancel)).Evidence.ToArray();
                    if (Digest.Of(blob) != hash)
                        continue;
                    _evidence[hash] = blob;
                    if (fetched.TryGetValue(i, out List<byte[]>? before))
                        before.Add(blob);
                    else
                        fetched[i] = [blob];
                }
                catch (RelayException e) when (e.Code == ErrorCode.Refused)
                {
                    // The admins keep it, or the relay withholds it: the replica stops if it needs it.
                }
            }
        }
        return fetched;
    }

    private static Digest[] HashesOf(byte[] leaf)
    {
        try
        {
            return [.. RegistryLeaf.Decode(leaf).Statement.Statement.Body.NewTokens().Select(static token => token.Evidence)];
        }
        catch (DecodeException)
        {
            // The replica says so, with the leaf's index.
            return [];
        }
    }

    private static void Keep(Vault vault, ulong from, List<byte[]> leaves, Dictionary<int, List<byte[]>> evidence, byte[] head) => vault.Write(transaction =>
    {
        for (int i = 0; i < leaves.Count; i++)
        {
            transaction.Registry.PutLeaf(from + (ulong)i, leaves[i]);
            if (evidence.TryGetValue(i, out List<byte[]>? blobs))
                transaction.Registry.PutEvidence(from + (ulong)i, blobs);
        }
        transaction.Registry.PutHead(head);
    });

    private static ulong SizeOf(ReadOnlyMemory<byte> head)
    {
        try
        {
            return Checkpoint.Parse(SignedNote.Parse(head.Span).Text).Size;
        }
        catch (DecodeException)
        {
            return 0;
        }
    }
}

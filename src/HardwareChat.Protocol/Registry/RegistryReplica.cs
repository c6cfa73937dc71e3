using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>What a reader made of a head that was offered to it.</summary>
public enum HeadVerdict
{
    /// <summary>Taken: this is the replica's head now.</summary>
    Accepted,

    /// <summary>Not a checkpoint of this registry signed by its relay (or its witness), or leaves beyond it: nothing has changed.</summary>
    Refused,

    /// <summary>The leaves do not reach the size of the checkpoint: nothing has changed; ask for the rest.</summary>
    Incomplete,

    /// <summary>RegistryFork: a smaller size, or another root, than one seen. Both checkpoints are kept; nothing is sent until a person decides.</summary>
    Fork,

    /// <summary>A leaf breaks a rule. The replica stays where it was and reads no further.</summary>
    Stopped,
}

/// <summary>Why a replica stopped.</summary>
/// <param name="Index">The leaf.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Fault">What is wrong with the evidence, where that is the rule.</param>
public sealed record RegistryStop(ulong Index, RegistryRule Rule, EvidenceFault? Fault);

/// <summary>Two signed heads of one log that cannot both be true.</summary>
/// <param name="Seen">The head seen first; null if the first was the one pinned by the invite.</param>
/// <param name="Offered">The one that contradicts it.</param>
public sealed record RegistryFork(SignedNote? Seen, SignedNote Offered);

/// <summary>A client's own copy of a registry: every leaf checked, every root known, and no head ever left.</summary>
public sealed class RegistryReplica
{
    private const int LeavesAhead = 512;

    private readonly RegistryId _id;
    private readonly EvidenceJudge _evidence;
    private readonly WitnessKey? _witness;
    private readonly (ulong Size, Digest Root)? _pinned;

    /// <summary>A replica with no leaves yet.</summary>
    /// <param name="id">The registry, from the invite or the vault.</param>
    /// <param name="evidence">Judges enrolments.</param>
    /// <param name="pinned">A head that the log must contain, from the invite.</param>
    /// <param name="witness">The witness whose cosignature every head must bear; null for none.</param>
    public RegistryReplica(RegistryId id, EvidenceJudge evidence, (ulong Size, Digest Root)? pinned = null, WitnessKey? witness = null)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        _id = id;
        _evidence = evidence;
        _pinned = pinned;
        _witness = witness;
    }

    /// <summary>What the log says, up to the accepted head.</summary>
    public RegistryState State { get; private set; } = RegistryState.Empty;

    /// <summary>The accepted head; null before the first.</summary>
    public SignedNote? Head { get; private set; }

    /// <summary>Why the replica stopped; null if it did not.</summary>
    public RegistryStop? Stop { get; private set; }

    /// <summary>The fork; null if there is none.</summary>
    public RegistryFork? Fork { get; private set; }

    /// <summary>Whether the replica can be relied on: if not, nothing is sent and nobody enters.</summary>
    public bool IsSound => Head is not null && Stop is null && Fork is null;

    /// <summary>Takes the leaves that follow, and the signed head over them. All or nothing.</summary>
    /// <param name="leaves">Encoded leaves from index <see cref="RegistryState.Size"/> on; may be empty.</param>
    /// <param name="head">The encoded signed checkpoint.</param>
    public HeadVerdict Accept(IReadOnlyList<byte[]> leaves, ReadOnlySpan<byte> head)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        if (Fork is not null)
            return HeadVerdict.Fork;
        if (Stop is not null)
            return HeadVerdict.Stopped;
        SignedNote note;
        Checkpoint checkpoint;
        try
        {
            note = SignedNote.Parse(head);
            checkpoint = Checkpoint.Parse(note.Text);
        }
        catch (DecodeException)
        {
            return HeadVerdict.Refused;
        }
        if (checkpoint.Origin != Checkpoint.OriginOf(_id))
            return HeadVerdict.Refused;
        if (checkpoint.Size <= State.Size && State.Size > 0)
            return CompareOld(note, checkpoint);
        return Extend(leaves, note, checkpoint);
    }

    // A head below or at ours needs no leaves: it is ours again, or a fork.
    private HeadVerdict CompareOld(SignedNote note, Checkpoint checkpoint)
    {
        if (State.RelayKeyAt(checkpoint.Size) is not { } relayKey || !IsSigned(note, checkpoint, relayKey))
            return HeadVerdict.Refused;
        if (checkpoint.Size == State.Size && checkpoint.Root == State.Root)
        {
            Head = note;
            return HeadVerdict.Accepted;
        }
        return Forked(note);
    }

    private HeadVerdict Extend(IReadOnlyList<byte[]> leaves, SignedNote note, Checkpoint checkpoint)
    {
        RegistryState state = State;
        foreach (byte[][] stretch in leaves.Chunk(LeavesAhead))
        {
            if (Extend(ref state, stretch) is { } stop)
            {
                Stop = stop;
                return HeadVerdict.Stopped;
            }
        }
        if (state.Size < checkpoint.Size)
            return HeadVerdict.Incomplete;
        if (state.RelayKeyAt(checkpoint.Size) is not { } relayKey || !IsSigned(note, checkpoint, relayKey))
            return HeadVerdict.Refused;
        bool pinHolds = _pinned is not { } pinned || (pinned.Size <= checkpoint.Size && state.RootAt(pinned.Size) == pinned.Root);
        if (state.RootAt(checkpoint.Size) != checkpoint.Root || !pinHolds)
            return Forked(note);
        // Leaves that no head covers prove nothing against the head.
        if (state.Size != checkpoint.Size)
            return HeadVerdict.Refused;
        State = state;
        Head = note;
        return HeadVerdict.Accepted;
    }

    private RegistryStop? Extend(ref RegistryState state, byte[][] stretch)
    {
        List<RegistryLeaf> leaves = Decode(stretch);
        var ahead = new ReadAhead(state, leaves, _evidence);
        foreach (RegistryLeaf leaf in leaves)
        {
            RegistryVerdict verdict = RegistryMachine.Apply(state, leaf, ahead);
            if (verdict.State is not { } next)
                return new RegistryStop(state.Size, verdict.Rule!.Value, verdict.Fault);
            if (next.Id != _id)
                return new RegistryStop(0, RegistryRule.OtherRegistry, null);
            state = next;
        }
        return leaves.Count == stretch.Length ? null : new RegistryStop(state.Size, RegistryRule.Malformed, null);
    }

    // The leaves before the first that is none.
    private static List<RegistryLeaf> Decode(byte[][] stretch)
    {
        var leaves = new List<RegistryLeaf>(stretch.Length);
        try
        {
            foreach (byte[] bytes in stretch)
                leaves.Add(RegistryLeaf.Decode(bytes));
        }
        catch (DecodeException)
        {
            return leaves;
        }
        return leaves;
    }

    private bool IsSigned(SignedNote note, Checkpoint checkpoint, Digest relayKey)
        => note.IsSignedBy(checkpoint.Origin, relayKey)
        && (_witness is null || note.CosignedAt(_witness.Name, _witness.PublicKey) is not null);

    private HeadVerdict Forked(SignedNote note)
    {
        Fork = new RegistryFork(Head, note);
        return HeadVerdict.Fork;
    }
}

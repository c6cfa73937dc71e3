using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// RFC 9420 §16.12: a member can encrypt a path that is right for some and wrong for others. Whoever cannot apply such a commit skips it, and
// learns from what comes after whether the others could: then it has to enter anew. What comes after cannot be verified, since its keys are
// those of the epoch that this client does not have; it is believed only after a commit that failed in what is private to this client.

public sealed partial class Room
{
    private Suspicion? _suspicion;

    /// <summary>A commit that this client could not apply and others went on from; null if there is none. It has to enter anew, and reports the commit.</summary>
    public Reentry? MustReenter { get; private set; }

    private StagedCommit Stage(RoomEntry entry, CommitMessage message, Member? committer)
    {
        try
        {
            return _group.Stage(message, Policy);
        }
        catch (ValidationException refused)
        {
            if (refused.Rule == ValidationRule.OwnCommitPending)
                MustReenter ??= new Reentry(committer, entry.Sequence);
            else if (IsPrivate(refused.Rule))
                Suspect(entry, committer, refused.Rule);
            throw;
        }
        catch (DecodeException)
        {
            // A secret that decrypts to no secret; or an extension that is malformed for everybody, after which nobody goes on.
            Suspect(entry, committer, ValidationRule.PathDecryption);
            throw;
        }
    }

    // What others may find otherwise: what was encrypted to this client, and what it ought to know and does not.
    private static bool IsPrivate(ValidationRule rule)
        => rule is ValidationRule.PathDecryption or ValidationRule.PathKeysMatch or ValidationRule.ConfirmationTagValid or ValidationRule.PskAvailable;

    // A joiner with a wrong phrase fails for everybody alike, and can go on by itself: only a handshake of the others counts against that.
    private void Suspect(RoomEntry entry, Member? committer, ValidationRule rule)
        => _suspicion ??= new Suspicion(_group.Epoch, committer, entry.Sequence, NeedsHandshake: committer is null && rule != ValidationRule.PskAvailable);

    private void NoteUnreadable(RoomEntry entry, MlsMessage mls, EntryFault fault)
    {
        (Epoch epoch, LeafIndex? leaf) = mls switch
        {
            { PublicMessage: { } message } => (message.Epoch, message.Sender.IsMember ? message.Sender.Leaf : null),
            { PrivateMessage: { } message } => (message.Epoch, (LeafIndex?)null),
            _ => default,
        };
        NoteRefusal(mls, epoch);
        if (_suspicion is not { } suspicion || epoch <= suspicion.Epoch || entry.Sequence <= suspicion.Sequence)
            return;
        bool isElsewhere = fault.Mls is ValidationRule.EpochMatches or ValidationRule.MembershipTagValid or ValidationRule.SenderDataDecryption;
        bool isCommitterAlone = leaf is not null && leaf == suspicion.Committer?.Leaf && _members.Count > 2;
        bool counts = !suspicion.NeedsHandshake || mls.PublicMessage is not null;
        if (isElsewhere && counts && !isCommitterAlone)
            MustReenter ??= new Reentry(suspicion.Committer, suspicion.Sequence);
    }

    // Whoever has entered and sees somebody go on in the epoch before, who had read its entry, was not let in.
    private void NoteRefusal(MlsMessage mls, Epoch epoch)
    {
        if (Status != RoomStatus.Entering || epoch.Value + 1 != _entered || _enteredAt is not { } sequence)
            return;
        ReadOnlySpan<byte> quoted = mls.PublicMessage is { } handshake ? handshake.AuthenticatedData : mls.PrivateMessage!.AuthenticatedData;
        IsRefused |= TryReadSeen(quoted) is { } seen && seen.RoomSize > sequence;
    }

    /// <summary>Whether, while this client is entering, others go on without it: its entry was not valid for them, by a wrong phrase or a stale GroupInfo.</summary>
    public bool IsRefused { get; private set; }

    private ulong? _enteredAt;

    private static Seen? TryReadSeen(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Seen.Decode(bytes);
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    private sealed record Suspicion(Epoch Epoch, Member? Committer, ulong Sequence, bool NeedsHandshake);
}

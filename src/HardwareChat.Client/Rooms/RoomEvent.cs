using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>What a reader made of one entry.</summary>
/// <param name="Sequence">The entry's position.</param>
public abstract record RoomEvent(ulong Sequence)
{
    /// <summary>Whether the entry was taken: the next one is wanted. Otherwise this one is to be shown again, or the log is broken.</summary>
    public virtual bool IsTaken => true;

    /// <summary>A valid commit: the room is in its next epoch.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Time">Its stamp's time.</param>
    /// <param name="Change">What it did.</param>
    /// <param name="IsOwn">Whether it is this client's own.</param>
    /// <param name="LostOwn">Whether a commit of this client's own was pending, and has lost the race: it is to be made anew.</param>
    public sealed record Applied(ulong Sequence, ulong Time, RoomChange Change, bool IsOwn, bool LostOwn) : RoomEvent(Sequence);

    /// <summary>Content of another member.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Time">Its stamp's time.</param>
    /// <param name="Sender">Who sent it.</param>
    /// <param name="Data">The content.</param>
    /// <param name="Seen">What the sender had seen.</param>
    public sealed record Content(ulong Sequence, ulong Time, Member Sender, ReadOnlyMemory<byte> Data, Seen Seen) : RoomEvent(Sequence);

    /// <summary>Content of this client's own has its place in the log.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Time">Its stamp's time.</param>
    /// <param name="MessageHash">Of the message, as <see cref="Outgoing.MessageHash"/>.</param>
    public sealed record OwnContent(ulong Sequence, ulong Time, Digest MessageHash) : RoomEvent(Sequence);

    /// <summary>A member wants to leave: the next commit removes it.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Member">The member.</param>
    public sealed record Leaving(ulong Sequence, Member Member) : RoomEvent(Sequence);

    /// <summary>The entry is not valid, or not readable by this client; its position is spent.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Fault">Why.</param>
    /// <param name="Sender">Who signed it, where that was found out.</param>
    /// <param name="OwnMessage">The hash of the message if it is this client's own: it is to be made anew.</param>
    public sealed record Skipped(ulong Sequence, EntryFault Fault, Member? Sender, Digest? OwnMessage) : RoomEvent(Sequence);

    /// <summary>The entry is skipped, since its sender says to have seen something else than this reader: the relay shows two logs, or the sender lies.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Rule">What differs.</param>
    /// <param name="Sender">Who signed it.</param>
    /// <param name="Seen">What the sender says to have seen: evidence.</param>
    public sealed record Alarm(ulong Sequence, RoomRule Rule, Member Sender, Seen Seen) : RoomEvent(Sequence);

    /// <summary>The relay no longer has the entry's message. After a handshake that is gone the client has to enter anew.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Kind">What it was.</param>
    public sealed record Gone(ulong Sequence, EntryKind Kind) : RoomEvent(Sequence);

    /// <summary>This client is out of the room; its secrets are erased.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Time">Its stamp's time.</param>
    /// <param name="Change">What the commit did.</param>
    public sealed record Evicted(ulong Sequence, ulong Time, RoomChange Change) : RoomEvent(Sequence);

    /// <summary>An entry of this client's own leaf that it does not know: this state is a copy, and another one is in use. It sends nothing from here on.</summary>
    /// <param name="Sequence">The entry's position.</param>
    public sealed record FoundCopy(ulong Sequence) : RoomEvent(Sequence);

    /// <summary>This client's entry did not get through: another handshake came before it, or it broke a rule by then.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Fault">Why; null if it came too late.</param>
    public sealed record NotEntered(ulong Sequence, EntryFault? Fault) : RoomEvent(Sequence);

    /// <summary>Not read yet: it is ahead of the reader's clock, which a person is told, or of its registry, which it syncs.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Rule">Which of the two.</param>
    public sealed record Waits(ulong Sequence, RoomRule Rule) : RoomEvent(Sequence)
    {
        /// <inheritdoc/>
        public override bool IsTaken => false;
    }

    /// <summary>The log does not hang together: an alarm. Nothing is read beyond it.</summary>
    /// <param name="Sequence">The entry's position.</param>
    /// <param name="Rule">The rule of the chain that the entry breaks.</param>
    public sealed record Broken(ulong Sequence, RoomRule Rule) : RoomEvent(Sequence)
    {
        /// <inheritdoc/>
        public override bool IsTaken => false;
    }
}

/// <summary>What a valid commit does.</summary>
/// <param name="Committer">Who committed, as a member of the new epoch where it stays one.</param>
/// <param name="HasEntered">Whether the committer came in by it.</param>
/// <param name="Added">Who was added.</param>
/// <param name="Removed">Who is gone, as they were.</param>
/// <param name="HasRenewed">Whether the committer's leaf has a new touch.</param>
/// <param name="TermsChanged">Whether policy or removals changed.</param>
/// <param name="Terms">The terms from here on.</param>
public sealed record RoomChange(
    Member Committer, bool HasEntered, IReadOnlyList<Member> Added, IReadOnlyList<Member> Removed, bool HasRenewed, bool TermsChanged, RoomTerms Terms);

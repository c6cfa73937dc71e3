using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

public sealed partial class Room
{
    /// <summary>Founds a room. Its first entry is the creator's empty commit; the room can be used once that has come back.</summary>
    /// <param name="session">The creator's session, which has a grant for this room.</param>
    /// <param name="genesis">The room's genesis: the creator's user is among its owners.</param>
    /// <param name="settings">The first policy.</param>
    /// <param name="belief">What the client believes.</param>
    /// <param name="verifier">Verifies touches; shared by the rooms of one client.</param>
    /// <param name="phraseKey">The key of the phrase, where the door asks for one.</param>
    /// <exception cref="ArgumentException">The session has no grant for the room.</exception>
    public static (Room Room, Outgoing First) Create(
        Session session, RoomGenesis genesis, RoomSettings settings, Belief belief, TouchVerifier verifier, ReadOnlySpan<byte> phraseKey = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(genesis);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(belief);
        ArgumentNullException.ThrowIfNull(verifier);
        RoomId id = genesis.RoomId;
        RoomGrant grant = session.GrantFor(id) ?? throw new ArgumentException("The session has no grant for this room.", nameof(session));
        var terms = new RoomTerms(settings.Sign(session, grant.Grant, genesis, version: 0), RoomRemovals.None);
        if (terms.Policy.Check(id, belief.Registry, belief.Registry.Size, verifier, leastVersion: 0) is { } rule)
            throw new RoomRuleException(EntryFault.Of(rule), "the policy of the new room is not valid");

        // The leaf key that the grant names is that of the first commit: an epoch that nobody but the creator ever sees has another.
        LeafContent leaf = SessionSuite.LeafOf(grant.Grant);
        MlsGroup group = MlsGroup.Create(
            SessionSuite.Value, new GroupId(id.Value.ToArray()), session.Signer, leaf, new GroupPolicy(GrantCredentials.Instance), terms.ToExtensions(), options: RoomGroup.Options);
        var room = new Room(id, group, terms, new RoomLog(RoomChain.Empty(id)), new PhraseKeys(), verifier) { Status = RoomStatus.Member };
        try
        {
            room._members[group.OwnIndex] = Member.Of(group.OwnIndex, group.OwnLeaf, grant.Grant, belief.Registry);
            if (settings.Door is Door.Phrase phrase)
                room._phrase.Keep(phrase.Parameters.Version, phraseKey);
            Outgoing first = room.Commit(
                session, belief, new CommitOptions { Leaf = leaf, LeafKeys = grant.LeafKeys }, RosterOf(settings.Door, null), room.Own!.Handle);
            return (room, first);
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    // The relay's list follows the door: whom it lets in must be able to append there.
    private static List<RosterChange> RosterOf(Door door, Door? before)
    {
        static bool IsOpen(Door? door) => door is Door.Everybody or Door.Phrase;
        var changes = new List<RosterChange>();
        if (IsOpen(door) && !IsOpen(before))
            changes.Add(new RosterChange.Open());
        if (!IsOpen(door) && IsOpen(before))
            changes.Add(new RosterChange.Close());
        if (door is Door.Listed listed)
            changes.AddRange(listed.Handles.Select(static handle => new RosterChange.Add(handle)));
        return changes;
    }
}

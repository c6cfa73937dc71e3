using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

public sealed partial class Room
{
    internal static Room OfWelcome(RoomId id, MlsGroup ownedGroup, TreeCheck check, RoomLog log, TouchVerifier verifier)
    {
        var room = new Room(id, ownedGroup, check.Terms, log, new PhraseKeys(), verifier)
        {
            Status = RoomStatus.Entering,
            _entered = ownedGroup.Epoch.Value,
        };
        foreach (Member member in check.Members)
            room._members[member.Leaf] = member;
        return room;
    }

    internal static (Room Room, Outgoing Knock) OfKnock(
        RoomId id, ExternalJoin join, TreeCheck check, RoomLog log, PhraseKeys ownedPhrase, TouchVerifier verifier, Member? former, SignedGrant grant, Belief belief)
    {
        MlsGroup group = join.Group;
        var room = new Room(id, group, check.Terms, log, ownedPhrase, verifier) { Status = RoomStatus.Knocking, _entered = group.Epoch.Value };
        foreach (Member member in check.Members)
            room._members[member.Leaf] = member;
        if (former is not null)
            room._members.Remove(former.Leaf);
        room._members[group.OwnIndex] = Member.Of(group.OwnIndex, group.OwnLeaf, grant, belief.Registry);
        return (room, room.Send(EntryKind.External, join.Message, join.GroupInfo, null, [], belief));
    }

    // Before its own entry this client can read nothing: its group is that of the epoch which the entry begins.
    private RoomEvent ReadKnocking(RoomEntry entry, OwnMessage? own, RegistryState registry)
    {
        if (own is null)
        {
            if (!entry.IsHandshake)
                return Skip(entry, EntryFault.Of(ValidationRule.EpochMatches), null);

            // The relay takes no external commit after a handshake that its sender had not read.
            Status = RoomStatus.NotEntered;
            return new RoomEvent.NotEntered(entry.Sequence, null);
        }

        // The stamp decides, as it does for everybody. The leaf was counted, and the door tried, before the entry was made.
        if (_judge.JudgeEntry(_group.OwnLeaf, _group.Suite, entry.Stamp, registry, Rules, default, []) is { } rule)
        {
            Status = RoomStatus.NotEntered;
            return new RoomEvent.NotEntered(entry.Sequence, EntryFault.Of(rule));
        }

        Status = RoomStatus.Entering;
        _enteredAt = entry.Sequence;
        _log.Begin(_group.Epoch, entry.Sequence + 1);
        var change = new RoomChange(Own!, true, [], [], false, false, Terms);
        return new RoomEvent.Applied(entry.Sequence, entry.Stamp.Time, change, true, false);
    }

    private RoomEvent.Gone ReadGone(RoomEntry entry)
    {
        if (entry.IsHandshake)
        {
            if (Status == RoomStatus.Knocking)
                Status = RoomStatus.NotEntered;
            else
                MustReenter ??= new Reentry(null, entry.Sequence);
        }

        return new RoomEvent.Gone(entry.Sequence, entry.Kind);
    }
}

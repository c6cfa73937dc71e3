using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// What a joiner checks of a room that it was shown, by GroupInfo or Welcome alike, beyond what MLS checks: RoomId = H("room", genesis); the
// policy's signature, its signer not revoked, its version not below one seen; every leaf by Standing and by the door.

/// <summary>A room as a GroupInfo or a Welcome shows it, checked as far as an outsider can.</summary>
/// <param name="Terms">Its terms.</param>
/// <param name="Members">Its members; who has only been added is shown as invited.</param>
/// <param name="Seen">The end of the log as the committer had read it: from there on the joiner reads.</param>
internal sealed record TreeCheck(RoomTerms Terms, IReadOnlyList<Member> Members, Seen Seen)
{
    /// <summary>Checks a room that was shown.</summary>
    /// <exception cref="RoomRuleException">A rule is broken.</exception>
    /// <exception cref="DecodeException">Something inside is malformed.</exception>
    public static TreeCheck Of(RoomId room, GroupInfo info, RatchetTree tree, RegistryState registry, TouchVerifier verifier, ulong leastVersion)
    {
        if (!info.Context.GroupId.Span.SequenceEqual(room.Value.ToArray()))
            throw new RoomRuleException(EntryFault.Of(RoomRule.OtherRoom), "the group is not the room asked for");
        RoomTerms terms = RoomTerms.Read(info.Context.Extensions);
        if (!terms.IsAllOf(info.Context.Extensions))
            throw new RoomRuleException(EntryFault.Of(RoomRule.ContextNotAllowed), "the group's context has other extensions than a room's");
        if (terms.Policy.Check(room, registry, registry.Size, verifier, leastVersion) is { } rule)
            throw new RoomRuleException(EntryFault.Of(rule), "the room's policy is not valid");

        Mls.Extension seen = info.Extensions.Find(new ExtensionType(Seen.ExtensionType)) ?? throw new DecodeException("the GroupInfo has no Seen", 0);
        return new TreeCheck(terms, MembersOf(tree, terms, registry, verifier), Protocol.Seen.Decode(seen.Content));
    }

    private static List<Member> MembersOf(RatchetTree tree, RoomTerms terms, RegistryState registry, TouchVerifier verifier)
    {
        var judge = new CommitJudge(verifier);
        var members = new List<Member>(tree.MemberCount);
        var count = new LeafCounts([], []);
        foreach ((LeafIndex index, LeafNode leaf) in tree.Members)
        {
            SignedGrant grant = Grants.Of(leaf);
            if (judge.JudgeStanding(leaf, grant, tree.Suite, registry) is { } rule)
                throw new RoomRuleException(EntryFault.Of(rule), $"{index} is not valid");
            var member = Member.Of(index, leaf, grant, registry);
            if (!terms.Policy.Admits(member.Handle))
                throw new RoomRuleException(EntryFault.Of(RoomRule.DoorClosed), $"the door does not admit {index}");
            count.Add(member);
            LeafCount leaves = count.Of(grant, registry);
            if (leaves.OfToken > ProtocolLimits.LeavesPerToken || leaves.OfUser > ProtocolLimits.LeavesPerUser)
                throw new RoomRuleException(EntryFault.Of(TouchRule.LeavesPerUser), $"there are too many leaves of the token or user of {index}");
            members.Add(member);
        }

        return members.Count <= ProtocolLimits.RoomLeaves
            ? members
            : throw new RoomRuleException(EntryFault.Of(RoomRule.RoomFull), "the room has more leaves than it may");
    }
}

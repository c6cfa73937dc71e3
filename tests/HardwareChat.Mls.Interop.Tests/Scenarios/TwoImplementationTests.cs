using HardwareChat.Mls.Interop.Tests.Peers;

namespace HardwareChat.Mls.Interop.Tests.Scenarios;

/// <summary>Two implementations in one group, each in both roles. The pairs without ours prove the harness.</summary>
public sealed class TwoImplementationTests(Cast cast) : IClassFixture<Cast>
{
    public static TheoryData<Implementation, Implementation, int> Pairs => Pairings.All();

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Members_are_added_talk_update_and_are_removed(Implementation creator, Implementation other, int suite)
    {
        Party alice = Make(creator, suite);
        Party bob = Make(other, suite);
        Party carol = Make(creator, suite);
        Party another = Make(other, suite);
        var conversation = new Conversation(alice);
        conversation.Add(alice, bob);
        conversation.Talk();
        conversation.Update(bob);
        conversation.Update(alice);
        conversation.Talk();
        conversation.Add(bob, carol);
        conversation.Add(carol, another);
        conversation.Update(another);
        conversation.Update(carol);
        conversation.Talk();
        conversation.Remove(another, carol);
        conversation.Talk();
        conversation.Remove(alice, bob);
        conversation.Update(another);
        conversation.Talk();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_commit_adds_several_members_at_once(Implementation creator, Implementation other, int suite)
    {
        Party alice = Make(creator, suite);
        Party[] joiners = [Make(other, suite), Make(creator, suite), Make(other, suite), Make(other, suite)];
        var conversation = new Conversation(alice);
        conversation.Add(alice, joiners);
        conversation.Update(joiners[3]);
        conversation.Update(joiners[1]);
        conversation.Talk();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_member_joins_by_external_commit(Implementation creator, Implementation other, int suite)
    {
        Party alice = Make(creator, suite);
        Party bob = Make(other, suite);
        Party carol = Make(other, suite);
        var conversation = new Conversation(alice);
        conversation.Update(alice);
        conversation.JoinExternally(bob, alice);
        conversation.Talk();
        conversation.Update(alice);
        conversation.JoinExternally(carol, alice);
        conversation.Update(bob);
        conversation.Update(carol);
        conversation.Talk();
    }

    private Party Make(Implementation implementation, int suite) => cast.Party(implementation, new CipherSuiteId((ushort)suite));
}

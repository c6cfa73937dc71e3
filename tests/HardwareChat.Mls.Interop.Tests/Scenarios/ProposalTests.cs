using System.Security.Cryptography;
using HardwareChat.Mls.Interop.Tests.Peers;

namespace HardwareChat.Mls.Interop.Tests.Scenarios;

/// <summary>What travels as a proposal of its own, external PSKs, and a member that comes back. core-crypto makes no proposals of its own.</summary>
public sealed class ProposalTests(Cast cast) : IClassFixture<Cast>
{
    [Theory]
    [InlineData(Implementation.HardwareChat, Implementation.TsMls, 1)]
    [InlineData(Implementation.HardwareChat, Implementation.TsMls, 2)]
    [InlineData(Implementation.HardwareChat, Implementation.TsMls, 3)]
    [InlineData(Implementation.HardwareChat, Implementation.CoreCrypto, 1)]
    [InlineData(Implementation.HardwareChat, Implementation.CoreCrypto, 2)]
    [InlineData(Implementation.HardwareChat, Implementation.CoreCrypto, 3)]
    [InlineData(Implementation.TsMls, Implementation.HardwareChat, 1)]
    [InlineData(Implementation.TsMls, Implementation.HardwareChat, 2)]
    [InlineData(Implementation.TsMls, Implementation.HardwareChat, 3)]
    public void One_member_proposes_and_another_commits_by_reference(Implementation proposer, Implementation committer, int suite)
    {
        Party alice = Make(proposer, suite);
        Party bob = Make(committer, suite);
        Party carol = Make(committer, suite);
        var conversation = new Conversation(alice);
        conversation.Add(alice, bob);
        conversation.AddByReference(alice, bob, carol);
        conversation.Talk();
        if (proposer == Implementation.HardwareChat)
            conversation.UpdateByReference(alice, bob);
        conversation.RemoveByReference(alice, bob, carol);
        conversation.Talk();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Both_sides_bring_in_an_external_psk(int suite)
    {
        Party alice = Make(Implementation.HardwareChat, suite);
        Party bob = Make(Implementation.TsMls, suite);
        byte[] id = "interop psk"u8.ToArray();
        byte[] psk = RandomNumberGenerator.GetBytes(32);
        alice.KnowPsk(id, psk);
        bob.KnowPsk(id, psk);
        var conversation = new Conversation(alice);
        conversation.Add(alice, bob);
        conversation.UsePsk(alice, id);
        conversation.Talk();
        conversation.UsePsk(bob, id);
        conversation.Talk();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_member_that_lost_its_state_comes_back_by_external_commit(int suite)
    {
        Party alice = Make(Implementation.HardwareChat, suite);
        Party bob = Make(Implementation.TsMls, suite);
        Party carol = Make(Implementation.HardwareChat, suite);
        var conversation = new Conversation(alice);
        conversation.Add(alice, bob, carol);
        conversation.Resync(carol, bob);
        conversation.Talk();
        conversation.Update(carol);
        conversation.Resync(bob, alice);
        conversation.Update(bob);
        conversation.Talk();
    }

    [Fact]
    public void Authenticated_data_passes_both_ways()
    {
        Party alice = Make(Implementation.HardwareChat, 1);
        Party bob = Make(Implementation.TsMls, 1);
        var conversation = new Conversation(alice);
        conversation.Add(alice, bob);
        conversation.Say(alice, "from alice"u8.ToArray());
        conversation.Say(bob, "from bob"u8.ToArray());
    }

    private Party Make(Implementation implementation, int suite) => cast.Party(implementation, new CipherSuiteId((ushort)suite));
}

using HardwareChat.Mls.Tests.Scenarios;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Codec;

// What a live group does with messages that somebody has damaged: it refuses them, with one of two exceptions, and is as it was.
public static class LiveGroupFuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public static void Damaged_messages_end_in_one_of_two_exceptions_and_change_nothing(int seed)
    {
        var random = new Random(seed);
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        using var carol = new Peer("carol");
        using KeyPackageBundle keyPackage = carol.KeyPackage();
        CommitBundle bundle = bob.Commit(new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage)] });
        byte[] info = bob.Group.CreateGroupInfo(bob.Signer, new GroupInfoOptions());
        ExternalJoin join = GroupInfoOffer.Open(MlsMessage.Decode(info).GroupInfo!, carol.Policy).Join(carol.Signer, carol.Content, carol.Policy);
        join.Group.Dispose();
        byte[][] valid = [bundle.Message.ToArray(), join.Message.ToArray(), bob.Encrypt("hello"), bob.Group.ProposeSelfRemoval(bob.Signer), info, bundle.Welcome!.Value.ToArray()];
        byte[] before = alice.Group.Save();
        for (int i = 0; i < 600; i++)
        {
            byte[] message = Damage(valid[i % valid.Length], random);
            Process(alice, carol, keyPackage, message, $"seed {seed}, step {i}");
        }

        Assert.Equal(before, alice.Group.Save());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public static void Damaged_states_end_in_one_of_two_exceptions(int seed)
    {
        var random = new Random(seed);
        using Peer alice = Peer.Creator("alice");
        using Peer bob = alice.Add("bob");
        bob.Encrypt("hello");
        byte[] saved = bob.Group.Save();
        for (int i = 0; i < 600; i++)
            MlsGroup.Fuzz(Damage(saved, random));
    }

    private static void Process(Peer alice, Peer carol, KeyPackageBundle keyPackage, byte[] bytes, string what)
    {
        try
        {
            MlsMessage message = MlsMessage.Decode(bytes);
            if (message.GroupInfo is { } info)
                GroupInfoOffer.Open(info, carol.Policy);
            else if (message.Welcome is { } welcome)
                WelcomeOffer.Open(welcome, keyPackage, carol.Policy).Dispose();
            else if (alice.Group.Verify(alice.Group.Unprotect(message)) is CommitMessage commit)
                alice.Group.Stage(commit, alice.Policy).Dispose();
            else
                Assert.Fail($"a damaged message was taken: {what}");
        }
        catch (Exception exception) when (exception is DecodeException or ValidationException)
        {
            // The two ways in which untrusted bytes may end.
        }
    }

    private static byte[] Damage(byte[] valid, Random random)
    {
        byte[] damaged = [.. valid];
        switch (random.Next(4))
        {
            case 0:
                return damaged[..random.Next(damaged.Length)];
            case 1:
                return [.. damaged, (byte)random.Next(256)];
            default:
                for (int flips = random.Next(1, 4); flips > 0; flips--)
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                return damaged.AsSpan().SequenceEqual(valid) ? damaged[1..] : damaged;
        }
    }
}

using System.Text;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Tests;

/// <summary>A member that has MLS and no scruples: what it makes, no client would.</summary>
public sealed class RawMember : IDisposable
{
    /// <summary>A policy that takes every credential.</summary>
    public static GroupPolicy Anything { get; } = new(new Credulous());

    private readonly TestRoom _world;
    private ulong _next;

    private RawMember(TestRoom world, Device device, MlsGroup ownedGroup, ulong next)
    {
        _world = world;
        Device = device;
        Group = ownedGroup;
        _next = next;
    }

    public Device Device { get; }

    public MlsGroup Group { get; }

    public Seen Seen => new(_world.Log.Chain.Size, _world.Log.Chain.Head, _world.Community.State.Size, _world.Community.State.Root);

    /// <summary>A user whom alice adds in good faith.</summary>
    public static RawMember Join(TestRoom world, string handle)
    {
        Device device = world.Device(handle);
        device.Touch(keyPackages: 1);
        world.Alice.Add(device);
        WelcomePush welcome = world.Log.Welcomes[^1];
        using WelcomeOffer offer = WelcomeOffer.Open(MlsMessage.Decode(welcome.Welcome.Span).Welcome!, device.Session.KeyPackages[0], Anything);
        world.SyncAll();
        return new RawMember(world, device, offer.Accept(), welcome.Sequence + 1);
    }

    /// <summary>Takes every commit of the log that MLS takes.</summary>
    public void Follow()
    {
        for (; _next < (ulong)_world.Log.Entries.Count; _next++)
        {
            EntryPush push = _world.Log.Entries[(int)_next];
            if (push.Entry.IsHandshake && Group.Receive(push.Message!.Value.Span) is CommitMessage commit)
                Group.Merge(Group.Stage(commit, Anything));
        }
    }

    /// <summary>A commit of these proposals, right by MLS; the group stays where it is until the commit is in the log.</summary>
    public byte[] Commit(Seen? seen, CommitOptions? options, params Proposal[] proposals)
    {
        Group.DiscardPending();
        CommitBundle bundle = Group.Commit(
            Device.Session.Signer, Anything, (options ?? new CommitOptions()) with { Proposals = proposals, AuthenticatedData = TlsWriter.Encode(seen ?? Seen) });
        return bundle.Message.ToArray();
    }

    public byte[] Commit(params Proposal[] proposals) => Commit(null, null, proposals);

    public byte[] Propose(Proposal proposal) => Group.Propose(Device.Session.Signer, proposal, TlsWriter.Encode(Seen));

    public byte[] Encrypt(string text, Seen? seen = null) => Group.Encrypt(Device.Session.Signer, Encoding.UTF8.GetBytes(text), TlsWriter.Encode(seen ?? Seen));

    public void Dispose() => Group.Dispose();

    private sealed class Credulous : ICredentialCheck
    {
        public bool Accepts(LeafEntry entry) => true;

        public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => true;

        public bool IsSameClient(LeafNode left, LeafNode right) => true;
    }
}

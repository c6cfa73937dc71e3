using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>Why this client may not send content now.</summary>
public enum SendObstacle
{
    /// <summary>It is not a member, or not one yet that has heard another.</summary>
    Status = 1,

    /// <summary>It has to enter anew.</summary>
    Reentry,

    /// <summary>Its own session is over: it renews first.</summary>
    OwnLeaf,

    /// <summary>A leaf must go that could read it: the removal is committed first.</summary>
    VoidLeaves,
}

/// <summary>Whether this client may send content.</summary>
/// <param name="Obstacle">What is in the way; null for nothing.</param>
/// <param name="Void">The leaves that must go first.</param>
public readonly record struct SendCheck(SendObstacle? Obstacle, IReadOnlyList<Member> Void);

public sealed partial class Room
{
    /// <summary>The fence: whether this client, by all that it believes, may encrypt to everybody who is in the room.</summary>
    public SendCheck CheckSend(Belief belief)
    {
        ArgumentNullException.ThrowIfNull(belief);
        if (Status != RoomStatus.Member || _group.Epoch.Value == 0)
            return new SendCheck(SendObstacle.Status, []);
        if (MustReenter is not null)
            return new SendCheck(SendObstacle.Reentry, []);
        if (LeafStates.At(Own!.Grant.Touch, Expected(belief), belief.Registry, Rules) != LeafState.Active)
            return new SendCheck(SendObstacle.OwnLeaf, []);
        Member[] gone = [.. VoidBy(belief)];
        return new SendCheck(gone.Length > 0 ? SendObstacle.VoidLeaves : null, gone);
    }

    /// <summary>Content, encrypted for everybody in the room.</summary>
    /// <param name="session">The session of this client's leaf.</param>
    /// <param name="content">The content; the caller has padded it.</param>
    /// <param name="belief">What the client believes.</param>
    /// <exception cref="InvalidOperationException"><see cref="CheckSend"/> says no.</exception>
    /// <exception cref="ArgumentException">Too long for an entry.</exception>
    public Outgoing Encrypt(Session session, ReadOnlyMemory<byte> content, Belief belief)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (CheckSend(belief).Obstacle is { } obstacle)
            throw new InvalidOperationException($"this client may not send content now: {obstacle}");
        if (content.Length > MostContent)
            throw new ArgumentException($"Content has at most {MostContent} bytes.", nameof(content));
        byte[] message = _group.Encrypt(session.Signer, content, TlsWriter.Encode(_log.ToSeen(belief.Registry)));
        return Send(EntryKind.Application, message, null, null, [], belief);
    }

    /// <summary>Bytes of content in one message: the entry's limit without what MLS adds.</summary>
    public const int MostContent = ProtocolLimits.ApplicationMessageBytes - 512;

    // Void by the log; by the client's own clock, with some grace; by a revocation that it has seen and the log withholds.
    private IEnumerable<Member> VoidBy(Belief belief)
    {
        ulong clock = belief.Clock - Math.Min(belief.Clock, ProtocolLimits.FenceGrace);
        var own = new Stamp(Math.Max(clock, Chain.Stamp.Time), Math.Max(Chain.Stamp.RegistrySize, belief.Registry.Size));
        RoomRules rules = Rules;
        return _members.Values.Where(member =>
            LeafStates.At(member.Grant.Touch, own, belief.Registry, rules) == LeafState.Void || belief.Fence.Covers(belief.Registry, member.Token));
    }
}

using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>A GroupInfo that was checked: a door at which a client may knock, by external commit.</summary>
/// <remarks>Open it, read the log from <see cref="From"/> to its end, knock, save the room, send. After a Conflict take a newer GroupInfo.</remarks>
public sealed class Entrance
{
    private readonly GroupInfoOffer _offer;
    private readonly TreeCheck _check;
    private readonly LogAnchor _anchor;
    private readonly TouchVerifier _verifier;

    private Entrance(RoomId room, GroupInfoOffer offer, TreeCheck check, TouchVerifier verifier)
    {
        Room = room;
        _offer = offer;
        _check = check;
        _verifier = verifier;
        _anchor = new LogAnchor(room, check.Seen, offer.GroupInfo);
    }

    /// <summary>The room.</summary>
    public RoomId Room { get; }

    /// <summary>Its terms.</summary>
    public RoomTerms Terms => _check.Terms;

    /// <summary>Who is there.</summary>
    public IReadOnlyList<Member> Members => _check.Members;

    /// <summary>The next entry that is wanted of the log.</summary>
    public ulong From => _anchor.Log.Chain.Size;

    /// <summary>Whether the commit that the GroupInfo came with has been found in the log.</summary>
    public bool IsFound => _anchor.Sequence is not null;

    /// <summary>Opens a GroupInfo.</summary>
    /// <param name="room">The room asked for.</param>
    /// <param name="groupInfo">The MLSMessage, as the relay gives it.</param>
    /// <param name="registry">The registry as it is verified.</param>
    /// <param name="verifier">Verifies touches.</param>
    /// <param name="leastVersion">The lowest version of the policy that is taken: one that was seen, or 0.</param>
    /// <exception cref="DecodeException">It is malformed.</exception>
    /// <exception cref="ValidationException">It breaks a rule of MLS.</exception>
    /// <exception cref="RoomRuleException">It breaks a rule of rooms or touches.</exception>
    public static Entrance Open(RoomId room, ReadOnlySpan<byte> groupInfo, RegistryState registry, TouchVerifier verifier, ulong leastVersion = 0)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(verifier);
        GroupInfo info = MlsMessage.Decode(groupInfo).GroupInfo ?? throw new DecodeException("not a GroupInfo", 0);
        GroupInfoOffer offer = GroupInfoOffer.Open(info, new GroupPolicy(GrantCredentials.Instance));
        return new Entrance(room, offer, TreeCheck.Of(room, info, offer.Tree, registry, verifier, leastVersion), verifier);
    }

    /// <summary>Reads the next entry of the log; the rule that the entry breaks, or by which it waits, or null.</summary>
    public RoomRule? Take(EntryPush push, RegistryState registry, ulong clock)
    {
        ArgumentNullException.ThrowIfNull(push);
        ArgumentNullException.ThrowIfNull(registry);
        return _anchor.Take(push, registry, clock);
    }

    /// <summary>Makes the external commit. The entrance can be used again while the log has no further handshake; the log goes on to the room.</summary>
    /// <param name="session">A session with a grant for the room.</param>
    /// <param name="belief">What the client believes.</param>
    /// <param name="replaces">The session whose leaf goes when this one comes: an older one of the same token; null for none.</param>
    /// <param name="phraseKey">The key of the phrase, where the door asks for one.</param>
    /// <exception cref="NotInLogException">The log, as far as it was read, has no commit that the GroupInfo could have come with.</exception>
    /// <exception cref="RoomRuleException">The door is not open to this session.</exception>
    /// <exception cref="ArgumentException">The session has no grant for the room, or nothing is to be replaced.</exception>
    public (Room Room, Outgoing Knock) Knock(Session session, Belief belief, SessionId? replaces = null, ReadOnlySpan<byte> phraseKey = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(belief);
        if (!IsFound)
            throw new NotInLogException();
        RoomGrant grant = session.GrantFor(Room) ?? throw new ArgumentException("The session has no grant for this room.", nameof(session));
        Member? former = _check.Members.FirstOrDefault(member => member.Session == session.Id)
            ?? (replaces is null ? null : _check.Members.FirstOrDefault(member => member.Session == replaces));
        if (replaces is not null && former is null)
            throw new ArgumentException("The session to be replaced has no leaf in the room.", nameof(replaces));
        RequireOpen(grant.Grant, former, belief);

        var phrase = new PhraseKeys();
        var log = RoomGroup.Copy(_anchor.Log);
        ExternalJoin? join = null;
        try
        {
            PreSharedKeyId[] psks = [];
            if (Terms.Policy.Door is Door.Phrase door)
            {
                phrase.Keep(door.Parameters.Version, phraseKey);
                psks = [PreSharedKeyId.External(_offer.Tree.Suite, Phrase.PskId(Room, door.Parameters.Version))];
            }

            Seen seen = log.ToSeen(belief.Registry);
            var options = new ExternalJoinOptions
            {
                LeafKeys = grant.LeafKeys,
                Replaces = former?.Leaf,
                Psks = psks,
                AuthenticatedData = TlsWriter.Encode(seen),
                GroupInfo = new GroupInfoOptions { Extensions = RoomGroup.ExtensionsOf(seen) },
                Group = RoomGroup.Options,
            };
            var policy = new GroupPolicy(GrantCredentials.Instance) { FindPsk = id => phrase.Find(id, Room) };
            join = _offer.Join(session.Signer, SessionSuite.LeafOf(grant.Grant), policy, options);
            return Client.Room.OfKnock(Room, join, _check, log, phrase, _verifier, former, grant.Grant, belief);
        }
        catch
        {
            join?.Group.Dispose();
            phrase.Dispose();
            throw;
        }
    }

    // The members will refuse what is refused here; it costs them nothing if it is not sent.
    private void RequireOpen(SignedGrant grant, Member? former, Belief belief)
    {
        Handle handle = belief.Registry.Token(grant.Touch.TokenId)?.Handle
            ?? throw new RoomRuleException(EntryFault.Of(TouchRule.TokenUnknown), "the session's token is not in the registry");
        bool open = Terms.Policy.Door is Door.Closed ? former is not null : Terms.Policy.Admits(handle);
        if (!open)
            throw new RoomRuleException(EntryFault.Of(RoomRule.DoorClosed), "the door is not open to this user");
        if (Terms.Removals.Forbid(handle, grant.Touch))
            throw new RoomRuleException(EntryFault.Of(TouchRule.RemovalFloor), "the user was removed: a later touch is needed, or a pardon");
        if (belief.RelayTime > grant.Item.EnterBy)
            throw new RoomRuleException(EntryFault.Of(TouchRule.EnterBy), "the touch is too old to enter with");
    }
}

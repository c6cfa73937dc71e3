using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>A Welcome that was opened and checked. It is an invitation until its person accepts it; disposing turns it down.</summary>
/// <remarks>Open it, show who invites, read the log from <see cref="From"/> until <see cref="IsFound"/>, accept. Then the log goes on to the room.</remarks>
public sealed class Invitation : IDisposable
{
    private readonly WelcomeOffer _offer;
    private readonly TreeCheck _check;
    private readonly LogAnchor _anchor;
    private readonly ulong _sequence;
    private readonly TouchVerifier _verifier;

    private Invitation(RoomId room, WelcomeOffer ownedOffer, TreeCheck check, ulong sequence, TouchVerifier verifier)
    {
        Room = room;
        _offer = ownedOffer;
        _check = check;
        _sequence = sequence;
        _verifier = verifier;
        _anchor = new LogAnchor(room, check.Seen, ownedOffer.GroupInfo);
    }

    /// <summary>The room.</summary>
    public RoomId Room { get; }

    /// <summary>Its terms.</summary>
    public RoomTerms Terms => _check.Terms;

    /// <summary>Who is there.</summary>
    public IReadOnlyList<Member> Members => _check.Members;

    /// <summary>Who invites.</summary>
    public Member Inviter => _check.Members.First(member => member.Leaf == _offer.GroupInfo.Signer);

    /// <summary>The first entry that is wanted of the log.</summary>
    public ulong From => _anchor.Log.Chain.Size;

    /// <summary>Whether the commit that the Welcome came with has been found in the log.</summary>
    public bool IsFound => _anchor.Sequence == _sequence;

    /// <summary>Opens a Welcome.</summary>
    /// <param name="push">The Welcome, as the relay delivers it.</param>
    /// <param name="keyPackage">The key package that it answers; stays the session's, which withdraws it after acceptance.</param>
    /// <param name="registry">The registry as it is verified.</param>
    /// <param name="verifier">Verifies touches.</param>
    /// <param name="leastVersion">The lowest version of the policy that is taken: one that was seen, or 0.</param>
    /// <exception cref="DecodeException">It is malformed.</exception>
    /// <exception cref="ValidationException">It breaks a rule of MLS.</exception>
    /// <exception cref="RoomRuleException">It breaks a rule of rooms or touches.</exception>
    public static Invitation Open(WelcomePush push, KeyPackageBundle keyPackage, RegistryState registry, TouchVerifier verifier, ulong leastVersion = 0)
    {
        ArgumentNullException.ThrowIfNull(push);
        ArgumentNullException.ThrowIfNull(keyPackage);
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(verifier);
        Welcome welcome = MlsMessage.Decode(push.Welcome.Span).Welcome ?? throw new DecodeException("not a Welcome", 0);
        WelcomeOffer offer = WelcomeOffer.Open(welcome, keyPackage, new GroupPolicy(GrantCredentials.Instance));
        try
        {
            TreeCheck check = TreeCheck.Of(push.Room, offer.GroupInfo, offer.Tree, registry, verifier, leastVersion);
            return new Invitation(push.Room, offer, check, push.Sequence, verifier);
        }
        catch
        {
            offer.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next entry of the log, up to the commit that the Welcome came with; the rule that the entry breaks, or by which it waits, or null.</summary>
    public RoomRule? Take(EntryPush push, RegistryState registry, ulong clock)
    {
        ArgumentNullException.ThrowIfNull(push);
        ArgumentNullException.ThrowIfNull(registry);
        return From > _sequence ? throw new InvalidOperationException("The log is read up to the Welcome's commit: what follows is the room's to read.") : _anchor.Take(push, registry, clock);
    }

    /// <summary>Joins. The invitation is spent.</summary>
    /// <exception cref="NotInLogException">The log, read as far as the Welcome says, has no such commit.</exception>
    /// <exception cref="InvalidOperationException">The log is not read so far.</exception>
    public Room Accept()
    {
        if (From <= _sequence)
            throw new InvalidOperationException("The log is not read up to the Welcome's commit.");
        if (!IsFound)
            throw new NotInLogException();
        return Client.Room.OfWelcome(Room, _offer.Accept(RoomGroup.Options), _check, _anchor.Log, _verifier);
    }

    /// <inheritdoc/>
    public void Dispose() => _offer.Dispose();
}

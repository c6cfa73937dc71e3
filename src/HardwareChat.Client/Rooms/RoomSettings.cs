using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>What an owner chooses about a room; signed, it is a <see cref="RoomPolicy"/>.</summary>
/// <param name="Door">Who may enter without being added.</param>
/// <param name="Inviters">Who may add.</param>
/// <param name="Admins">Who may remove and change settings, beside the owners.</param>
public sealed record RoomSettings(Door Door, Who Inviters, IReadOnlyList<Handle> Admins)
{
    /// <summary>Seconds for which a dormant leaf stays.</summary>
    public ulong Linger { get; init; } = ProtocolLimits.LingerDefault;

    /// <summary>Seconds for which the relay keeps messages; 0 for ever.</summary>
    public ulong Retention { get; init; }

    /// <summary>A room that its owners and admins fill.</summary>
    public static RoomSettings Standard => new(new Door.Closed(), Who.Admins, []);

    /// <summary>What a policy says.</summary>
    public static RoomSettings Of(RoomPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new RoomSettings(policy.Door, policy.Inviters, policy.Admins) { Linger = policy.Linger, Retention = policy.Retention };
    }

    internal RoomPolicy Sign(Session session, SignedGrant signer, RoomGenesis genesis, ulong version)
    {
        var draft = new RoomPolicy
        {
            Genesis = genesis,
            Version = version,
            Admins = Admins,
            Inviters = Inviters,
            Door = Door,
            Linger = Linger,
            Retention = Retention,
            Signer = signer,
            Signature = default,
        };
        return draft with { Signature = session.Signer.Sign(draft.SigningInput()) };
    }
}

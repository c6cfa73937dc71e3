using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>Why something is not valid in a room: the rule that it breaks, of whichever layer, or none of them for malformed bytes.</summary>
/// <param name="Room">A rule of rooms.</param>
/// <param name="Touch">A rule of touches.</param>
/// <param name="Mls">A rule of MLS.</param>
public readonly record struct EntryFault(RoomRule? Room, TouchRule? Touch, ValidationRule? Mls)
{
    /// <summary>Well-formed MLS around bytes that are not what they should be.</summary>
    public static EntryFault Malformed => default;

    /// <summary>A rule of rooms is broken.</summary>
    public static EntryFault Of(RoomRule rule) => new(rule, null, null);

    /// <summary>A rule of touches is broken.</summary>
    public static EntryFault Of(TouchRule rule) => new(null, rule, null);

    /// <summary>A rule of MLS is broken.</summary>
    public static EntryFault Of(ValidationRule rule) => new(null, null, rule);

    /// <summary>The rule's name.</summary>
    public override string ToString() => Room?.ToString() ?? Touch?.ToString() ?? Mls?.ToString() ?? nameof(Malformed);
}

/// <summary>The commit that a GroupInfo or Welcome came with does not stand in the log: it is of a private copy of the room.</summary>
public sealed class NotInLogException : Exception
{
    /// <summary>A room that is not the one of the log.</summary>
    public NotInLogException()
        : base("The commit that the GroupInfo or Welcome came with is not in the room's log.")
    {
    }
}

/// <summary>Well-formed bytes that break a rule of rooms or touches, where they are not an entry of the log. Nothing has changed.</summary>
public sealed class RoomRuleException : Exception
{
    /// <summary>A broken rule.</summary>
    /// <param name="fault">Which one.</param>
    /// <param name="message">What in particular broke it.</param>
    public RoomRuleException(EntryFault fault, string message)
        : base($"{fault}: {message}") => Fault = fault;

    /// <summary>The rule that was broken.</summary>
    public EntryFault Fault { get; }
}

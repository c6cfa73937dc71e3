using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>How the client stands with its relay.</summary>
public enum LinkState
{
    /// <summary>Not connected; the text says why.</summary>
    Offline = 1,

    /// <summary>Connected, and reading.</summary>
    Online,

    /// <summary>The registry contradicts itself or breaks a rule: nothing is sent until a person decides.</summary>
    Alarm,
}

/// <summary>Something that a face shows.</summary>
public abstract record ClientEvent
{
    private ClientEvent()
    {
    }

    /// <summary>The connection.</summary>
    public sealed record Link(LinkState State, string Why) : ClientEvent;

    /// <summary>Content of a room, verified; the client's own too.</summary>
    public sealed record Message(RoomId Room, ulong Sequence, Handle Sender, TokenId Token, ulong Time, MessageId Id, RoomContent Content, bool IsOwn) : ClientEvent;

    /// <summary>The room has changed.</summary>
    public sealed record Changed(RoomId Room, ulong Sequence, RoomChange Change) : ClientEvent;

    /// <summary>Somebody invites this client into a room.</summary>
    public sealed record Invited(RoomId Room, Handle By, IReadOnlyList<Handle> Members) : ClientEvent;

    /// <summary>An entry that is not shown, and why: nothing is passed over in silence.</summary>
    public sealed record Trouble(RoomId Room, ulong Sequence, string Why) : ClientEvent;

    /// <summary>The touch that this client acts under is soon over: <see cref="ChatClient.RenewAsync"/> takes another in time.</summary>
    public sealed record SessionEnds(DateTimeOffset At) : ClientEvent;

    /// <summary>A message of this client's own that has not been sent: it waits, or was given up.</summary>
    public sealed record Unsent(RoomId Room, MessageId Id, OutboxState State, string Why) : ClientEvent;

    /// <summary>This client is out of a room, or was never let in.</summary>
    public sealed record Out(RoomId Room, string Why) : ClientEvent;
}

/// <summary>A room cannot do this now.</summary>
public class RoomException : Exception
{
    /// <summary>Not done, for this reason.</summary>
    public RoomException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>The relay refuses a message: it stays in the outbox as failed, and a person decides.</summary>
public sealed class NotSentException : RoomException
{
    /// <summary>Not sent, for this reason.</summary>
    public NotSentException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

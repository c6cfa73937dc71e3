using HardwareChat.Client;
using HardwareChat.Client.Text;
using HardwareChat.Client.Verification;
using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Conversation;

/// <summary>A user in a room, and what this person knows of the user.</summary>
/// <param name="Handle">Who.</param>
/// <param name="Verification">What was compared.</param>
/// <param name="IsInvited">Whether nobody has heard of the user yet.</param>
/// <param name="IsBot">Whether it is a program.</param>
/// <param name="Sessions">Leaves of the user in the room.</param>
internal sealed record RoomPerson(Handle Handle, VerificationState Verification, bool IsInvited, bool IsBot, int Sessions);

/// <summary>A room on the desk: one that the person is in, was in, or is invited into.</summary>
internal sealed class DeskRoom(RoomId id, RoomHistory history)
{
    /// <summary>The room.</summary>
    public RoomId Id { get; } = id;

    /// <summary>What was said.</summary>
    public RoomHistory History { get; } = history;

    /// <summary>What the vault says of it; null while it is only an invitation.</summary>
    public StoredRoom? Stored { get; set; }

    /// <summary>Who invites into it, while that is open.</summary>
    public Handle? InvitedBy { get; set; }

    /// <summary>Who is in it, as far as it was asked.</summary>
    public IReadOnlyList<RoomPerson> People { get; set; } = [];

    /// <summary>Entries from here on have not been seen.</summary>
    public ulong UnreadFrom { get; set; }

    /// <summary>Whether an unread message names the person.</summary>
    public bool IsMentioned { get; set; }

    /// <summary>What was typed and not sent.</summary>
    public string Draft { get; set; } = "";

    /// <summary>Messages that have not been seen.</summary>
    public int Unread => History.UnreadFrom(UnreadFrom);

    /// <summary>Its title, harmless, or a part of its name. One that could be read as another, since it mixes scripts, says so.</summary>
    public string Title => TitleOf(Id, Stored);

    /// <summary>The title of a room, as <see cref="Title"/>.</summary>
    public static string TitleOf(RoomId id, StoredRoom? stored) => stored is { Title.Length: > 0 } && HarmlessText.Line(stored.Title, 60) is { Length: > 0 } title
        ? LookAlike.MixesScripts(title) ? $"{title} (mixes scripts)" : title
        : $"room {id.ToString()[..8]}";

    /// <summary>Whether one can say something in it.</summary>
    public bool IsOpen => InvitedBy is null && Stored?.Standing is RoomStanding.Joined or RoomStanding.Entering;

    /// <summary>How the person stands to it, in a word; empty for a member.</summary>
    public string Standing => InvitedBy is { } by ? $"invited by {by}" : Stored?.Standing switch
    {
        RoomStanding.Entering => "entering",
        RoomStanding.Left => "left",
        RoomStanding.Invited => "invited",
        _ => "",
    };

    /// <summary>How far the people in it are known to be who they are, in a few words.</summary>
    public string Trust
    {
        get
        {
            if (!IsOpen || People.Count == 0)
                return Standing;
            RoomPerson[] others = [.. People.Where(person => person.Verification != VerificationState.Verified)];
            string changed = others.Where(static person => person.Verification is VerificationState.TokensAdded or VerificationState.TokensReplaced)
                .Select(static person => $", {person.Handle} HAS A NEW TOKEN").FirstOrDefault() ?? "";
            int all = People.Count;
            return all == 1 ? "encrypted; you are alone here" : others.Length == 0 ? $"encrypted, all {all} verified" : $"encrypted, {all - others.Length} of {all} verified{changed}";
        }
    }
}

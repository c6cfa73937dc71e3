using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Conversation;

/// <summary>Commands about rooms.</summary>
internal static class RoomCommands
{
    /// <summary>The commands.</summary>
    public static IReadOnlyList<SlashCommand> All { get; } =
    [
        new("rooms", "", "Lists your rooms, with what is unread in them.", Rooms),
        new("room", "ROOM", "Opens a room: its number in /rooms, its title, or the beginning of its name.", OpenRoom) { Alias = "open" },
        new("new", "[open|phrase] TITLE", "Founds a room, with one touch: you add people; or open to everybody; or with a pass phrase, which is asked for.", New),
        new("join", "NAME", "Enters a room whose door is open, with one touch; asks for the pass phrase if the door wants one.", Join),
        new("accept", "[ROOM]", "Accepts an invitation: the newest, or that of a room in /rooms.", Accept),
        new("leave", "", "Leaves the open room; somebody who is in it lets you go.", Leave),
        new("info", "", "Shows the open room's name, door and rules.", Info),
        new("title", "TEXT", "Names the open room.", Title),
        new("phrase", "", "Gives the open room's door a new pass phrase, which is asked for; the old one opens nothing any more.", NewPhrase),
        new("door", "closed|open", "Closes the open room's door, so that people are added; or opens it to everybody in the community.", ChangeDoor),
        new("admin", "HANDLE [no]", "Lets somebody remove people and change settings in the open room; no takes it back.", ChangeAdmin),
        new("notices", "all|mentions|none", "Chooses which messages of the open room ring.", Notices),
    ];

    /// <summary>The room that a person means: by its number on the desk, its title, or the beginning of its name.</summary>
    /// <exception cref="CommandException">None, or more than one.</exception>
    public static DeskRoom Named(Desk desk, string name)
    {
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= desk.Rooms.Count)
            return desk.Rooms[number - 1];
        DeskRoom[] rooms = [.. desk.Rooms.Where(room => string.Equals(room.Title, name, StringComparison.OrdinalIgnoreCase))];
        if (rooms.Length == 0 && name.Length >= 4)
            rooms = [.. desk.Rooms.Where(room => room.Id.ToString().StartsWith(name, StringComparison.OrdinalIgnoreCase) || room.Title.StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        return rooms switch
        {
            [var one] => one,
            [] => throw new CommandException($"you have no room \"{HarmlessText.Line(name, 40)}\"; /rooms lists those you have"),
            _ => throw new CommandException($"more than one room is called \"{HarmlessText.Line(name, 40)}\": give its number in /rooms"),
        };
    }

    private static Task Rooms(Desk desk, CommandText text)
    {
        if (desk.Rooms.Count == 0)
            desk.Tell("You are in no room yet. /new TITLE founds one, /join NAME enters one.");
        else
            desk.Tell([.. desk.Rooms.Select((room, at) => Line(desk, room, at + 1))]);
        return Task.CompletedTask;
    }

    private static string Line(Desk desk, DeskRoom room, int number)
    {
        string unread = room.Unread switch
        {
            0 => "",
            >= RoomHistory.Page => $", {RoomHistory.Page}+ unread",
            var count => $", {count} unread",
        };
        return $"{number}. {room.Title}{(room == desk.Open ? " (open)" : "")}{unread}{(room.IsMentioned ? ", you are mentioned" : "")}{(room.Standing is { Length: > 0 } standing ? $", {standing}" : "")}";
    }

    private static Task OpenRoom(Desk desk, CommandText text)
    {
        desk.OpenRoom(Named(desk, text.IsEmpty ? throw new CommandException("which room? Its number or title in /rooms") : text.Rest));
        return Task.CompletedTask;
    }

    private static async Task New(Desk desk, CommandText text)
    {
        bool isOpen = text.Takes("open");
        bool hasPhrase = !isOpen && text.Takes("phrase");
        string title = text.IsEmpty ? throw new CommandException("how is the room to be called? /new TITLE") : text.Rest;
        Door door = isOpen ? new Door.Everybody() : hasPhrase ? new Door.Phrase(PhraseParameters.Create(1)) : new Door.Closed();
        var settings = new RoomSettings(door, Who.Admins, []);
        using SecretLine? phrase = hasPhrase ? await AskPhraseAsync(desk, $"Pass phrase for {HarmlessText.Line(title, 40)}") : null;
        DeskRoom room = desk.RoomOf(await desk.Client.CreateRoomAsync(title, settings, phrase?.Memory));
        await desk.RefreshAsync(room);
        desk.OpenRoom(room);
        desk.Tell(isOpen || hasPhrase
            ? $"Others enter by: /join {room.Id}"
            : "Nobody can enter by themselves: /add HANDLE invites somebody.");
    }

    private static async Task Join(Desk desk, CommandText text)
    {
        RoomId id = IdOf(text.Word() ?? throw new CommandException("which room? Its name has 64 digits and letters, and somebody in it can tell you"));
        (RoomTerms terms, IReadOnlyList<Member> members) = await desk.Client.LookAtAsync(id);
        int people = members.Select(static member => member.Handle).Distinct().Count();
        if (terms.Policy.Door is Door.Closed)
            throw new CommandException($"the door of that room is closed: one of the {people} who are in it has to add you");
        using SecretLine? phrase = terms.Policy.Door is Door.Phrase ? await AskPhraseAsync(desk, "Pass phrase of the room") : null;
        bool heard = await desk.Client.JoinAsync(id, phrase?.Memory);
        DeskRoom room = desk.RoomOf(id);
        await desk.RefreshAsync(room);
        if (room.IsOpen)
            desk.OpenRoom(room);
        if (!heard)
            throw new CommandException(phrase is null
                ? "nobody in the room has answered yet: you can write when somebody does"
                : "nobody in the room has answered: the phrase is wrong, or nobody is there");
        desk.Tell($"You are in. What was said before you came in stays with those who were there. ({people + 1} people)");
    }

    private static async Task Accept(Desk desk, CommandText text)
    {
        DeskRoom room = text.IsEmpty
            ? desk.Rooms.LastOrDefault(static room => room.InvitedBy is not null) ?? throw new CommandException("nobody has invited you")
            : Named(desk, text.Rest);
        if (room.InvitedBy is null)
            throw new CommandException($"nobody has invited you into {room.Title}");
        await desk.Client.AcceptAsync(room.Id);
        room.InvitedBy = null;
        await desk.RefreshAsync(room);
        desk.OpenRoom(room);
    }

    private static async Task Info(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        RoomTerms terms = await desk.Client.TermsAsync(room.Id) ?? throw new CommandException("you are not in this room any more");
        RoomPolicy policy = terms.Policy;
        string door = policy.Door switch
        {
            Door.Everybody => "everybody of the community may enter",
            Door.Phrase => "whoever knows the pass phrase may enter",
            Door.Listed listed => $"these may enter: {string.Join(", ", listed.Handles)}",
            _ => "closed: people are added",
        };
        desk.Tell(
            $"{room.Title}: {room.Trust}",
            $"Name: {room.Id}",
            $"Door: {door}",
            $"Owners: {string.Join(", ", policy.Genesis.Owners)}{(policy.Admins.Count > 0 ? $"; admins: {string.Join(", ", policy.Admins)}" : "")}",
            $"Who may add people: {(policy.Inviters == Who.Members ? "every member" : "owners and admins")}",
            policy.Retention == 0 ? "The relay keeps messages without limit of time." : $"The relay keeps messages for {TimeSpan.FromSeconds(policy.Retention).TotalDays:0.#} days.");
    }

    private static async Task Leave(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        bool isOut = await desk.Client.LeaveAsync(room.Id);
        await desk.RefreshAsync(room);
        desk.Tell(isOut
            ? $"You have left {room.Title}; what was said stays readable here."
            : $"You leave {room.Title} as soon as somebody who is in it is there.");
    }

    private static Task<MessageId> Title(Desk desk, CommandText text)
        => desk.Client.SendAsync(desk.Here().Id, new TitleContent(text.IsEmpty ? throw new CommandException("how is the room to be called?") : text.Rest));

    private static async Task NewPhrase(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        using SecretLine phrase = await AskPhraseAsync(desk, $"New pass phrase for {room.Title}");
        await desk.Client.ChangePhraseAsync(room.Id, phrase.Memory);
        desk.Tell($"The door of {room.Title} opens to the new phrase. Others enter by: /join {room.Id}");
    }

    private static async Task ChangeDoor(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        Door door = text.Word() switch
        {
            "closed" => new Door.Closed(),
            "open" => new Door.Everybody(),
            _ => throw new CommandException("closed or open? /phrase makes a door that asks for a phrase"),
        };
        await desk.Client.ChangeSettingsAsync(room.Id, await SettingsOf(desk, room) with { Door = door });
        desk.Tell(door is Door.Closed ? $"The door of {room.Title} is closed: people are added." : $"Everybody in the community may enter by: /join {room.Id}");
    }

    private static async Task ChangeAdmin(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        Handle handle = text.Handle();
        bool isAdmin = !text.Takes("no");
        RoomSettings settings = await SettingsOf(desk, room);
        Handle[] others = [.. settings.Admins.Where(admin => admin != handle)];
        await desk.Client.ChangeSettingsAsync(room.Id, settings with { Admins = isAdmin ? [.. others.Append(handle).Order()] : others });
        desk.Tell($"{handle} is {(isAdmin ? "an admin" : "no admin")} of {room.Title}{(isAdmin ? "" : " any more")}.");
    }

    private static async Task<RoomSettings> SettingsOf(Desk desk, DeskRoom room)
        => RoomSettings.Of((await desk.Client.TermsAsync(room.Id) ?? throw new CommandException("you are not in this room any more")).Policy);

    private static async Task Notices(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        RoomNotices notices = text.Word() switch
        {
            "all" => RoomNotices.All,
            "mentions" => RoomNotices.Mentions,
            "none" => RoomNotices.None,
            _ => throw new CommandException("which? all, mentions or none"),
        };
        await desk.Client.SetNoticesAsync(room.Id, notices);
        await desk.RefreshAsync(room);
        desk.Tell($"In {room.Title} these ring: {notices switch { RoomNotices.All => "all messages", RoomNotices.Mentions => "messages that name you", _ => "none" }}.");
    }

    private static async Task<SecretLine> AskPhraseAsync(Desk desk, string question)
    {
        SecretLine phrase = await desk.AskSecretAsync(question) ?? throw new OperationCanceledException("no phrase was given");
        if (Phrase.IsPhrase(phrase.Memory.Span))
            return phrase;
        phrase.Dispose();
        throw new CommandException("that cannot be a pass phrase: it is empty, or has characters that cannot be typed the same way everywhere");
    }

    private static RoomId IdOf(string name)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        return name.Length == 2 * Digest.Size && Convert.FromHexString(name, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            ? RoomId.FromBytes(bytes)
            : throw new CommandException("that is not the name of a room: it has 64 digits and letters a to f");
    }
}

using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Json;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Verbs;

/// <summary>hwchat rooms, who and status: they show, and change nothing.</summary>
internal static class ShowVerbs
{
    /// <summary>The verbs.</summary>
    public static IEnumerable<Command> Create(Interruption interruption)
    {
        yield return With(VerbOptions.Create("rooms", "Lists your rooms.", VerbOptions.Offline), RoomsAsync);
        yield return With(VerbOptions.Create("who", "Lists who is in a room, and whom of them you have verified.", VerbOptions.Room, VerbOptions.Offline), WhoAsync);
        yield return With(VerbOptions.Create("status", "Says who you are, and how the connection and the registry stand.", VerbOptions.Offline), StatusAsync);

        Command With(Command command, Func<OneShot, Task<int>> run)
        {
            command.SetAction((parsed, _) => OneShot.RunAsync(parsed, run, interruption.Token));
            return command;
        }
    }

    private static async Task<int> RoomsAsync(OneShot run)
    {
        int code = await run.TryConnectAsync();
        if (code == ExitCode.Done && !run.Parsed.GetValue(VerbOptions.Offline))
            await run.CatchUpAsync();
        if (run.IsJson)
            OneShot.Write(new AnswerLine(true) { Rooms = [.. run.Client.Rooms.Select(RoomForm.Of)] });
        else
            OneShot.Write(run.Client.Rooms.Select(room => Line(run, room)));
        return code;
    }

    private static string Line(OneShot run, StoredRoom room)
    {
        var shown = new DeskRoom(room.Id, new RoomHistory(run.Client.Handle ?? default, (before, count) => run.Client.History(room.Id, before, count))) { Stored = room, UnreadFrom = room.UnreadFrom };
        shown.History.LoadOlder();
        string unread = shown.Unread > 0 ? $", {shown.Unread}{(shown.Unread >= RoomHistory.Page ? "+" : "")} unread" : "";
        return $"{room.Id.ToString()[..8]} {shown.Title}{unread}{(shown.Standing is { Length: > 0 } standing ? $", {standing}" : "")}";
    }

    private static async Task<int> WhoAsync(OneShot run)
    {
        StoredRoom room = await run.RoomNamedAsync();
        int code = await run.TryConnectAsync(room.Id);
        if (run.Client.Rooms.First(stored => stored.Id == room.Id).Standing == RoomStanding.Left)
            throw new ProgramException(FailureCode.RoomUnknown, "you are not in this room any more");
        IReadOnlyList<PersonPart> people = PersonForm.Of(run.Client, await run.Client.MembersAsync(room.Id));
        if (run.IsJson)
            OneShot.Write(new AnswerLine(true) { People = people });
        else
            OneShot.Write(people.Select(static person => $"{person.User}{(person.Bot == true ? " (bot)" : "")}: {WordsOf(person)}{(person.Invited == true ? ", invited and not heard yet" : "")}"));
        return code;
    }

    private static string WordsOf(PersonPart person) => person.Verified switch
    {
        "own" => "you",
        "yes" => "verified",
        "changed" => "HAS A NEW TOKEN since you compared: compare again",
        _ => "not verified",
    };

    private static async Task<int> StatusAsync(OneShot run)
    {
        int code = await run.TryConnectAsync();
        RegistryState registry = run.Client.Registry;
        string link = code != ExitCode.Done ? "offline" : run.Parsed.GetValue(VerbOptions.Offline) ? "not tried" : "online";
        string user = run.Client.Handle?.ToString() ?? throw new ProgramException(FailureCode.NotTrusted, "this token is not enrolled in the community's registry");
        int waiting = run.Client.Outbox.Count;
        if (run.IsJson)
        {
            OneShot.Write(new AnswerLine(true)
            {
                User = user,
                Token = run.Client.Token.ToString(),
                Registry = registry.Id.ToString(),
                RegistrySize = registry.Size,
                Link = link,
                Cursor = EventForm.Cursor(run.Client.EventCursors.Last),
            });
            return code;
        }
        OneShot.Write(
            $"You are {user}, with token {run.Client.Token.ToString()[..16]}.",
            $"Connection: {link}",
            $"Registry: {registry.Size} statements, each verified; root {registry.Root.ToString()[..16]}",
            $"Relay: {RelayId.OfKey(registry.RelayKey.ToArray()).ToString()[..16]}",
            waiting == 0 ? "Everything is sent." : $"{waiting} messages wait to be sent.");
        return code;
    }
}

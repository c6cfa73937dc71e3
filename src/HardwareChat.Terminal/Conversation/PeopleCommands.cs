using HardwareChat.Client.Verification;
using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Conversation;

/// <summary>Commands about people.</summary>
internal static class PeopleCommands
{
    /// <summary>The commands.</summary>
    public static IReadOnlyList<SlashCommand> All { get; } =
    [
        new("members", "", "Lists who is in the open room, and whom of them you have verified.", Members) { Alias = "who" },
        new("add", "HANDLE...", "Adds people to the open room; they get an invitation.", Add) { Alias = "invite" },
        new("remove", "HANDLE", "Removes somebody from the open room.", static (desk, text) => Remove(desk, text, ban: false)),
        new("ban", "HANDLE", "Removes somebody, who stays out until an admin says otherwise.", static (desk, text) => Remove(desk, text, ban: true)),
        new("pardon", "HANDLE", "Lets somebody who was banned come into the open room again.", Pardon),
        new("people", "", "Lists everybody in the community.", People),
        new("verify", "HANDLE [yes|always|no]", "Shows the words to compare with somebody; yes keeps that they were the same, always also for tokens added later, no takes it back.", Verify),
    ];

    /// <summary>What a mark is worth, in words.</summary>
    public static string TextOf(VerificationState state) => state switch
    {
        VerificationState.Verified => "verified",
        VerificationState.TokensAdded => "HAS A NEW TOKEN since you compared: compare again",
        VerificationState.TokensReplaced => "ALL TOKENS ARE NEW since you compared: compare again",
        _ => "not verified",
    };

    private static async Task Members(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        await desk.RefreshAsync(room);
        desk.Tell([$"{room.People.Count} in {room.Title}:", .. room.People.Select(person => $"{person.Handle}{(person.IsBot ? " (bot)" : "")}: {StateOf(desk, person)}")]);
    }

    private static string StateOf(Desk desk, RoomPerson person)
    {
        string state = person.Handle == desk.Own ? "you" : TextOf(person.Verification);
        string sessions = person.Sessions > 1 ? $", {person.Sessions} sessions" : "";
        return $"{state}{(person.IsInvited ? ", invited and not heard yet" : "")}{sessions}";
    }

    private static async Task Pardon(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        Handle handle = text.Handle();
        await desk.Client.PardonAsync(room.Id, handle);
        desk.Tell($"{handle} may come into {room.Title} again.");
    }

    private static async Task Add(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        IReadOnlyList<Handle> handles = text.Handles();
        foreach (Handle handle in handles)
        {
            if (desk.Client.Registry.User(handle) is null)
                throw new CommandException($"{handle} is not in the community; /people lists who is");
            int tokens = desk.Client.Registry.User(handle)!.Tokens.Count(token => desk.Client.Registry.Token(token)?.RevokedAt is null);
            if (room.People.Any(person => person.Handle == handle && person.Sessions >= tokens))
                throw new CommandException($"{handle} is in the room already");
        }
        await desk.Client.AddAsync(room.Id, handles);
        await desk.RefreshAsync(room);
    }

    private static async Task Remove(Desk desk, CommandText text, bool ban)
    {
        DeskRoom room = desk.Here();
        Handle handle = text.Handle();
        await desk.Client.RemoveAsync(room.Id, handle, ban);
        await desk.RefreshAsync(room);
    }

    private static Task People(Desk desk, CommandText text)
    {
        RegistryState registry = desk.Client.Registry;
        desk.Tell([.. registry.Users.Values.OrderBy(static user => user.Handle).Select(user =>
        {
            int tokens = user.Tokens.Count(token => registry.Token(token)?.RevokedAt is null);
            string role = user.Role switch { Role.Admin => ", admin", Role.Bot => ", bot", _ => "" };
            return $"{user.Handle}{role}: {(user.Handle == desk.Own ? "you" : TextOf(desk.Client.VerificationOf(user.Handle)))}, {(tokens == 0 ? "no token that is good" : tokens == 1 ? "1 token" : $"{tokens} tokens")}";
        })]);
        return Task.CompletedTask;
    }

    private static async Task Verify(Desk desk, CommandText text)
    {
        Handle handle = text.Handle();
        string? word = text.Word();
        switch (word)
        {
            case null:
                Comparison comparison = desk.Client.CompareWith(handle);
                IReadOnlyList<string> words = comparison.ToWords();
                desk.Tell(
                [
                    $"Read these words to {handle}, face to face or on the telephone; {handle} reads the same with /verify {desk.Own}:",
                    $"  {string.Join(' ', words.Take(6))}",
                    $"  {string.Join(' ', words.Skip(6))}",
                    $"If they are the same: /verify {handle} yes. If not, somebody stands between you: tell an admin.",
                ]);
                return;
            case "yes":
            case "always":
                desk.Client.MarkVerified(handle, followsAddedTokens: word == "always");
                break;
            case "no":
                desk.Client.MarkUnverified(handle);
                break;
            default:
                throw new CommandException("yes, always or no?");
        }
        foreach (DeskRoom room in desk.Rooms)
            await desk.RefreshAsync(room);
        desk.Tell($"{handle}: {TextOf(desk.Client.VerificationOf(handle))}.");
    }
}

using System.CommandLine;
using System.Diagnostics;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Json;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Verbs;

/// <summary>hwchat join ROOM</summary>
internal static class JoinVerb
{
    private static readonly TimeSpan InvitationPatience = TimeSpan.FromSeconds(3);

    private static readonly Argument<string> Name = new("ROOM") { Description = "The room's name: 64 digits and letters, which somebody in it can tell you." };
    private static readonly Option<int?> PhraseDescriptor = new("--phrase-fd") { Description = "An open file descriptor whose next line is the pass phrase of the room's door." };

    /// <summary>The verb.</summary>
    public static Command Create(Interruption interruption)
    {
        Command command = VerbOptions.Create("join", "Enters a room by its door or by an invitation, with a touch.", Name, PhraseDescriptor);
        command.SetAction((parsed, _) => OneShot.RunAsync(parsed, RunAsync, interruption.Token));
        return command;
    }

    private static async Task<int> RunAsync(OneShot run)
    {
        string name = run.Parsed.GetRequiredValue(Name);
        if (name.Contains(':', StringComparison.Ordinal))
            throw new ProgramException(FailureCode.BadValue, "that is no room's name, but a link into a community", "hwchat-tools enrol LINK --handle HANDLE enters one");
        RoomId room = JsonRequest.RoomOf("ROOM", name);
        await run.ConnectAsync(room);
        bool heard = await EnterAsync(run, room);
        if (heard)
            await run.ConnectAsync(room);
        StoredRoom? stored = run.Client.Rooms.FirstOrDefault(stored => stored.Id == room);
        if (run.IsJson)
            OneShot.Write(new AnswerLine(true) { Room = room.ToString(), Heard = heard });
        else if (heard)
            OneShot.Write($"You are in {DeskRoom.TitleOf(room, stored)}.");
        if (heard)
            return ExitCode.Done;
        OneShot.Say("error: nobody in the room has answered: the phrase is wrong, or nobody is there");
        return ExitCode.Refused;
    }

    private static async Task<bool> EnterAsync(OneShot run, RoomId room)
    {
        if (run.Client.Rooms.Any(stored => stored.Id == room && stored.Standing == RoomStanding.Joined))
            return true;
        (RoomTerms terms, _) = await run.Client.LookAtAsync(room);
        if (terms.Policy.Door is Door.Closed)
        {
            // What was pushed at the connection comes a moment after it.
            for (long begun = Stopwatch.GetTimestamp(); run.InvitationInto(room) is null && Stopwatch.GetElapsedTime(begun) < InvitationPatience;)
                await run.NewsAsync(InvitationPatience);
            if (run.InvitationInto(room) is null)
                throw new ProgramException(FailureCode.RoomRefused, "the door of that room is closed, and nobody has invited you: somebody in it has to add you");
            await run.Client.AcceptAsync(room);
            return true;
        }
        using SecretLine? phrase = terms.Policy.Door is Door.Phrase ? OneShot.AskSecret("Pass phrase of the room", run.Parsed.GetValue(PhraseDescriptor)) : null;
        if (phrase is not null && !Phrase.IsPhrase(phrase.Memory.Span))
            throw new ProgramException(FailureCode.BadValue, "that cannot be a pass phrase: it is empty, or has characters that cannot be typed the same way everywhere");
        return await run.Client.JoinAsync(room, phrase?.Memory);
    }
}

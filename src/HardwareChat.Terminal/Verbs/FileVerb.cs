using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Terminal.Json;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Verbs;

/// <summary>hwchat file send and file save</summary>
internal static class FileVerb
{
    private static readonly Argument<string> Path = new("PATH") { Description = "The file." };
    private static readonly Option<string?> Text = new("--text") { Description = "Words that go with it." };
    private static readonly Argument<ulong> Number = new("N") { Description = "The number of the message." };
    private static readonly Argument<string> Folder = new("FOLDER") { Description = "Where to; the current folder if not given.", DefaultValueFactory = static _ => "." };

    /// <summary>The verb.</summary>
    public static Command Create(Interruption interruption)
    {
        Command send = VerbOptions.Create("send", "Sends a file to a room, and prints its message's number.", VerbOptions.Room, Path, Text);
        send.SetAction((parsed, _) => OneShot.RunAsync(parsed, SendAsync, interruption.Token));
        Command save = VerbOptions.Create("save", "Saves the files of a message, under harmless names and never over another file, and prints their paths.", VerbOptions.Room, Number, Folder);
        save.SetAction((parsed, _) => OneShot.RunAsync(parsed, SaveAsync, interruption.Token));
        return new Command("file", "Sends and saves files.") { send, save };
    }

    private static async Task<int> SendAsync(OneShot run)
    {
        string path = run.Parsed.GetRequiredValue(Path);
        if (!File.Exists(path))
            throw new ProgramException(FailureCode.File, $"there is no file {path}");
        StoredRoom room = await run.RoomNamedAsync();
        await run.ConnectAsync(room.Id);
        MessageId id = await run.Client.SendFileAsync(room.Id, path, run.Parsed.GetValue(Text) ?? "", null, run.Interrupted);
        var sent = SentMessage.Of(run.Client, room.Id, id, null);
        if (run.IsJson)
            OneShot.Write(AnswerLine.Of(sent));
        else
            OneShot.Write($"#{sent.Sequence}");
        return ExitCode.Done;
    }

    private static async Task<int> SaveAsync(OneShot run)
    {
        StoredRoom room = await run.RoomNamedAsync();
        await run.ConnectAsync(room.Id);
        ulong number = run.Parsed.GetValue(Number);
        if (run.Client.HistoryFrom(room.Id, number, 1) is not [var message] || message.Sequence != number || MessageText.ContentOf(message) is not MessageContent { Attachments: [_, ..] files })
            throw new ProgramException(FailureCode.MessageUnknown, $"there is no file in #{number} of that room");
        for (int index = 0; index < files.Count; index++)
        {
            string path = await run.Client.SaveFileAsync(room.Id, MessageId.FromBytes(message.Id.Span), index, run.Parsed.GetRequiredValue(Folder), null, run.Interrupted);
            if (run.IsJson)
                OneShot.Write(new AnswerLine(true) { Path = path });
            else
                OneShot.Write(HarmlessText.Line(path));
        }
        return ExitCode.Done;
    }
}

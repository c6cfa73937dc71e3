using HardwareChat.Client.Attachments;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;

namespace HardwareChat.Terminal.Conversation;

/// <summary>Commands about files.</summary>
internal static class FileCommands
{
    /// <summary>The commands.</summary>
    public static IReadOnlyList<SlashCommand> All { get; } =
    [
        new("file", "PATH", "Sends a file to the open room.", Send),
        new("save", "N [FOLDER]", "Saves the files of a message, here or in a folder, under harmless names and never over another file.", Save),
    ];

    /// <summary>A path as a person types it: ~ is the home folder.</summary>
    public static string PathOf(string typed) => typed == "~" || typed.StartsWith("~/", StringComparison.Ordinal)
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + typed[1..]
        : typed;

    private static async Task Send(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        string path = PathOf(text.IsEmpty ? throw new CommandException("which file? /file PATH") : text.Rest);
        if (!File.Exists(path))
            throw new CommandException($"there is no file {HarmlessText.Line(path, 200)}");
        ulong size = (ulong)new FileInfo(path).Length;
        if (size > AttachmentManifest.FileBytes)
            throw new CommandException($"a file has at most {MessageLines.Size(AttachmentManifest.FileBytes)}");
        desk.Tell($"Sending {HarmlessText.Line(Path.GetFileName(path), 100)}, {MessageLines.Size(size)}.");
        await desk.Client.SendFileAsync(room.Id, path);
    }

    private static async Task Save(Desk desk, CommandText text)
    {
        HistoryItem.Said item = MessageCommands.MessageAt(desk, text);
        string folder = text.IsEmpty ? "." : PathOf(text.Rest);
        if (!Directory.Exists(folder))
            throw new CommandException($"there is no folder {HarmlessText.Line(folder, 200)}");
        int files = (item.Message.Content as MessageContent)?.Attachments.Count ?? 0;
        if (files == 0)
            throw new CommandException($"there is no file in #{item.Sequence}");
        for (int index = 0; index < files; index++)
            desk.Tell($"Saved: {HarmlessText.Line(await desk.Client.SaveFileAsync(desk.Here().Id, item.Message.First.Id, index, folder), 300)}");
    }
}

using System.CommandLine;

namespace HardwareChat.Relay;

/// <summary><c>hwchat-relay backup FILE</c>: one sound file, taken while the relay runs.</summary>
internal static class BackupCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The backup to write; it must not exist." };
        var command = new Command("backup", "Writes a verified backup of the store, while the relay runs or not.") { file };
        var flags = new RelayFlags();
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            StoreContents contents = SqliteBackup.Write(StoreFile.Of(flags, parsed), path);
            Console.WriteLine($"{path}: {contents}");
            Console.WriteLine($"sha256 {SqliteBackup.HashOf(path)}");
            return 0;
        });
        return command;
    }
}

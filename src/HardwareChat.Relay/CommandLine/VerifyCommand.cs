using System.CommandLine;

namespace HardwareChat.Relay;

/// <summary><c>hwchat-relay verify FILE</c>: whether a store or backup is whole.</summary>
internal static class VerifyCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A backup, or a store." };
        var command = new Command("verify", "Reads all of a backup or store, and says whether it is whole.") { file };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            Console.WriteLine($"{path}: sound, {SqliteBackup.Verify(path)}");
            Console.WriteLine($"sha256 {SqliteBackup.HashOf(path)}");
            return 0;
        });
        return command;
    }
}

using System.CommandLine;

namespace HardwareChat.Relay;

/// <summary><c>hwchat-relay restore FILE</c>: a backup in the place of the store.</summary>
internal static class RestoreCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The backup." };
        var force = new Option<bool>("--force") { Description = "Replace a store that holds more than the backup, or is damaged; it is moved aside." };
        var command = new Command("restore", "Puts a backup in the place of the store. The relay must be stopped; it heals when it starts.") { file, force };
        var flags = new RelayFlags();
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            string store = StoreFile.Of(flags, parsed);
            (StoreContents contents, string? former) = SqliteBackup.Restore(parsed.GetRequiredValue(file), store, parsed.GetValue(force));
            Console.WriteLine($"{store}: {contents}");
            if (former is not null)
                Console.WriteLine($"the former store is {former}");
            Console.WriteLine("the relay heals when it starts: clients bring back what they hold beyond the backup, and nothing new is taken meanwhile");
            return 0;
        });
        return command;
    }
}

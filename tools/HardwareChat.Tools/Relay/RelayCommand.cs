using System.CommandLine;

namespace HardwareChat.Tools;

/// <summary>relay: looks at a relay from outside, and hands what concerns its disk to the relay's own program.</summary>
internal static class RelayCommand
{
    public static Command Create() => new("relay", "Look at a relay, and look after its data.")
    {
        RelayCheckCommand.Create(),
        RelayProgram.Create("usage", "Say what takes how much room in the relay's store."),
        RelayProgram.Create("backup", "Write a verified backup of the relay's store, while it runs or not."),
        RelayProgram.Create("restore", "Put a backup in the place of the relay's store, while it is stopped."),
        RelayProgram.Create("verify", "Read all of a backup or store, and say whether it is whole."),
    };
}

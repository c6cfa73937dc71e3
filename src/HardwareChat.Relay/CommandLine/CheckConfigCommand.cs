using System.Collections;
using System.CommandLine;
using System.Reflection;

namespace HardwareChat.Relay;

/// <summary><c>hwchat-relay check-config</c>: what a start would use, without secrets.</summary>
internal static class CheckConfigCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("check-config", "Reads the configuration as a start would, and prints what is in force. Starts nothing.");
        var flags = new RelayFlags();
        flags.AddTo(command);
        command.SetAction(parsed =>
        {
            Print("", flags.Read(parsed));
            return 0;
        });
        return command;
    }

    private static void Print(string prefix, object section)
    {
        foreach (PropertyInfo property in section.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            object? value = property.GetValue(section);
            string key = prefix + property.Name;
            switch (value)
            {
                case RelayLimits limits:
                    Print(key + ":", limits);
                    break;
                case string text:
                    // A connection string holds a password.
                    Console.WriteLine($"{key} = {(property.Name == nameof(RelayOptions.Cluster) ? "(set)" : text)}");
                    break;
                case IEnumerable many:
                    Console.WriteLine($"{key} = [{string.Join(", ", many.Cast<object>())}]");
                    break;
                default:
                    Console.WriteLine($"{key} = {value ?? "(not set)"}");
                    break;
            }
        }
    }
}

using System.CommandLine;

namespace HardwareChat.Terminal.Profiles;

/// <summary>The options that say which vault is opened, and how.</summary>
internal static class ProfileOptions
{
    /// <summary>--vault</summary>
    public static readonly Option<string> Vault = new("--vault") { Description = "The vault's file; hwchat/vault in $XDG_DATA_HOME or ~/.local/share if not given." };

    /// <summary>--token</summary>
    public static readonly Option<string> Token = new("--token") { Description = "The token that opens it, as serial:N or sim:NAME; whichever does if not given." };

    /// <summary>--pin-fd</summary>
    public static readonly Option<int?> Pin = new("--pin-fd") { Description = "An open file descriptor whose first line is the PIN." };

    /// <summary>Gives them to a command.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in (Option[])[Vault, Token, Pin])
            command.Add(option);
    }
}

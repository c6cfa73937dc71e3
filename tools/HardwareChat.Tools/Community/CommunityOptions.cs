using System.CommandLine;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Tools;

/// <summary>What the verbs of a community take.</summary>
internal static class CommunityOptions
{
    /// <summary>--vault</summary>
    public static readonly Option<string?> Vault = new("--vault") { Description = "The vault's file; hwchat/vault in $XDG_DATA_HOME or ~/.local/share if not given.", HelpName = "FILE" };

    /// <summary>--handle</summary>
    public static readonly Option<string> Handle = new("--handle") { Description = "Your name in the community: 1 to 32 of a-z, 0-9, - and _.", Required = true, HelpName = "HANDLE" };

    /// <summary>Adds what every such verb takes: the token, its PIN and the vault.</summary>
    public static void AddTo(Command command)
    {
        command.Add(Vault);
        TokenOptions.AddTo(command);
        PinQuestion.AddTo(command);
    }

    /// <summary>The vault's file.</summary>
    public static string VaultOf(ParseResult parsed) => Path.GetFullPath(parsed.GetValue(Vault) ?? DefaultVault);

    /// <summary>A handle that somebody typed.</summary>
    /// <exception cref="FailureException">It is none.</exception>
    public static Handle HandleOf(string text) => Protocol.Handle.TryParse(text, out Handle handle)
        ? handle
        : throw new FailureException(ExitCode.Usage, "not-a-handle", $"\"{PrintableText.Of(text)}\" is no handle.", "a handle is in small letters, such as alice");

    /// <summary>A link that somebody pasted.</summary>
    /// <exception cref="FailureException">It is none.</exception>
    public static InviteLink LinkOf(string text)
    {
        try
        {
            return InviteLink.Parse(text);
        }
        catch (DecodeException malformed)
        {
            throw new FailureException(ExitCode.Input, "link-malformed", "that is no whole invite or setup link.", malformed, "put it in quotes, and copy all of it, what stands after the # too");
        }
    }

    // As hwchat has it.
    private static string DefaultVault
    {
        get
        {
            string data = Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } given && Path.IsPathFullyQualified(given)
                ? given
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".local", "share");
            return Path.Combine(data, "hwchat", "vault");
        }
    }
}

using System.CommandLine;
using HardwareChat.Client;
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
    public static string VaultOf(ParseResult parsed) => Path.GetFullPath(parsed.GetValue(Vault) ?? Profile.DefaultVault);

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
            // A mail or a terminal may have folded it.
            return InviteLink.Parse(string.Concat(text.Where(static character => !char.IsWhiteSpace(character))));
        }
        catch (DecodeException malformed)
        {
            throw new FailureException(ExitCode.Input, "link-malformed", "that is no whole invite or setup link.", malformed, "put it in quotes, and copy all of it, what stands after the # too");
        }
    }

    /// <summary>What has to be added to a command so that it finds the same vault.</summary>
    public static string VaultHint(ParseResult parsed) => parsed.GetValue(Vault) is null ? "" : $" --vault {PrintableText.Of(VaultOf(parsed))}";

    /// <summary>The engine's person, if an admin: before a touch is wasted on what every member would refuse.</summary>
    /// <exception cref="FailureException">No admin.</exception>
    public static void RequireAdmin(ChatClient client)
    {
        if (client.Handle is { } own && !client.Registry.Admins.Contains(own))
            throw new FailureException(ExitCode.Refused, "not-admin", $"{own} is no admin of this community.", $"ask one: {string.Join(", ", client.Registry.Admins.Order())}");
    }

    /// <summary>A person of the registry.</summary>
    /// <exception cref="FailureException">Nobody has that handle.</exception>
    public static RegistryUser UserOf(RegistryState state, Handle handle)
        => state.User(handle) ?? throw new FailureException(ExitCode.Input, "not-found", $"the registry knows nobody called {handle}.", "hwchat-tools registry show names those there are");
}

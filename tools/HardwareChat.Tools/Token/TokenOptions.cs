using System.CommandLine;
using HardwareChat.Client;

namespace HardwareChat.Tools;

/// <summary>The options that say which token, and by which driver.</summary>
internal static class TokenOptions
{
    /// <summary>--token</summary>
    public static readonly Option<string?> Token = new("--token")
    {
        Description = "Which token: serial:N, name:NICKNAME, reader:TEXT, or sim:NAME. Not needed where there is only one.",
        HelpName = "serial:N|name:NICKNAME|reader:TEXT|sim:NAME",
        Recursive = true,
    };

    /// <summary>--token-driver</summary>
    public static readonly Option<string> Driver = new("--token-driver")
    {
        Description = "Talk to the token by the built-in driver (pcsc), or by Yubico's SDK in a build that has it (yubico).",
        DefaultValueFactory = _ => TokenDrivers.BuiltIn,
        Recursive = true,
    };

    static TokenOptions()
    {
        Driver.AcceptOnlyFromAmong(TokenDrivers.BuiltIn, TokenDrivers.Yubico);
        PersonTouch.Automatic.Recursive = true;
        TakeChoice(Token);
    }

    /// <summary>Makes an option one that names a token.</summary>
    public static void TakeChoice(Option<string?> option)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !TokenChoice.TryParse(text, out _))
                result.AddError($"{option.Name} takes serial:N, name:NICKNAME, reader:TEXT or sim:NAME.");
        });
        option.CompletionSources.Add(_ => SimulateCommand.Names().Select(name => "sim:" + name).Concat(Nicknames.All().Select(known => "name:" + known.Name)).Append("serial:").Append("reader:"));
    }

    public static void AddTo(Command command)
    {
        command.Add(Token);
        command.Add(Driver);
        command.Add(PersonTouch.Automatic);
        Passphrase.Option.AddTo(command);
    }
}

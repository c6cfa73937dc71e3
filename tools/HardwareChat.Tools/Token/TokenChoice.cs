using System.Globalization;
using HardwareChat.Tokens;

namespace HardwareChat.Tools;

/// <summary>What --token says: a serial number, a nickname, part of a reader's name, or a simulated token.</summary>
internal sealed record TokenChoice
{
    private TokenChoice(uint? serial = null, string? nickname = null, string? reader = null, string? simulated = null)
        => (Serial, Nickname, Reader, Simulated) = (serial, nickname, reader, simulated);

    public uint? Serial { get; }

    public string? Nickname { get; }

    public string? Reader { get; }

    public string? Simulated { get; }

    /// <summary>Reads serial:N, name:NICKNAME, reader:TEXT or sim:NAME.</summary>
    public static bool TryParse(string text, out TokenChoice name)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? "" : text[..colon];
        string value = text[(colon + 1)..];
        name = new TokenChoice();
        switch (kind)
        {
            case "serial" when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint serial):
                name = new TokenChoice(serial: serial);
                return true;
            case "name" when SimulateCommand.IsName(value):
                name = new TokenChoice(nickname: value);
                return true;
            case "reader" when value.Length > 0:
                name = new TokenChoice(reader: value);
                return true;
            case "sim" when SimulateCommand.IsName(value):
                name = new TokenChoice(simulated: value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What would have to be typed for this token.</summary>
    public static string Of(TokenInfo token) => token.Serial is { } serial ? $"serial:{serial}" : $"reader:{PrintableText.Of(token.Reader)}";

    /// <summary>The same choice with the serial number that its nickname stands for.</summary>
    /// <exception cref="FailureException">Nobody gave a token this nickname.</exception>
    public TokenChoice Resolved()
    {
        if (Nickname is null)
            return this;
        return Nicknames.SerialOf(Nickname) is { } serial
            ? new TokenChoice(serial: serial)
            : throw new FailureException(
                ExitCode.NoToken, "token-not-found", $"no token is called {Nickname}.", "hwchat-tools token name SERIAL NICKNAME gives a token a name", "hwchat-tools token list shows those there are");
    }

    /// <summary>Whether it names this one.</summary>
    public bool Fits(TokenInfo token)
        => Serial is { } serial ? token.Serial == serial : Reader is { } reader && token.Reader.Contains(reader, StringComparison.OrdinalIgnoreCase);
}

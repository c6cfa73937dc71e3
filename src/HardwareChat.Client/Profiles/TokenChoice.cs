using System.Globalization;
using HardwareChat.Client.Text;
using HardwareChat.Tokens;

namespace HardwareChat.Client;

/// <summary>Which token a person means: a serial number, a nickname, part of a reader's name, or a simulated token.</summary>
public sealed record TokenChoice
{
    private const int LongestName = 32;
    private const int LongestReader = 80;

    private TokenChoice(uint? serial = null, string? nickname = null, string? reader = null, string? simulated = null)
        => (Serial, Nickname, Reader, Simulated) = (serial, nickname, reader, simulated);

    /// <summary>Its serial number.</summary>
    public uint? Serial { get; }

    /// <summary>What the person calls it: see <see cref="Resolved"/>.</summary>
    public string? Nickname { get; }

    /// <summary>What the name of its reader contains.</summary>
    public string? Reader { get; }

    /// <summary>The name of a simulated token.</summary>
    public string? Simulated { get; }

    /// <summary>Whether it can be the name of a simulated token, or a nickname.</summary>
    public static bool IsName(string? name)
        => name is { Length: > 0 and <= LongestName } && name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_');

    /// <summary>Reads serial:N, name:NICKNAME, reader:TEXT or sim:NAME.</summary>
    public static bool TryParse(string text, out TokenChoice choice)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? "" : text[..colon];
        string value = text[(colon + 1)..];
        choice = new TokenChoice();
        switch (kind)
        {
            case "serial" when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint serial):
                choice = new TokenChoice(serial: serial);
                return true;
            case "name" when IsName(value):
                choice = new TokenChoice(nickname: value);
                return true;
            case "reader" when value.Length > 0:
                choice = new TokenChoice(reader: value);
                return true;
            case "sim" when IsName(value):
                choice = new TokenChoice(simulated: value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What would have to be typed for this token.</summary>
    public static string Of(TokenInfo token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return token.Serial is { } serial ? $"serial:{serial}" : $"reader:{HarmlessText.Line(token.Reader, LongestReader)}";
    }

    /// <summary>The same choice with the serial number that its nickname stands for; null if nobody gave a token this nickname.</summary>
    public TokenChoice? Resolved()
        => Nickname is null ? this : Nicknames.SerialOf(Nickname) is { } serial ? new TokenChoice(serial: serial) : null;

    /// <summary>Whether it names this token of a reader.</summary>
    public bool Fits(TokenInfo token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return Serial is { } serial ? token.Serial == serial : Reader is { } reader && token.Reader.Contains(reader, StringComparison.OrdinalIgnoreCase);
    }
}

using System.Globalization;
using HardwareChat.Tokens;

namespace HardwareChat.Tools;

/// <summary>What --token says: a serial number, part of a reader's name, or a simulated token.</summary>
internal sealed record TokenName
{
    private TokenName(uint? serial, string? reader, string? simulated) => (Serial, Reader, Simulated) = (serial, reader, simulated);

    public uint? Serial { get; }

    public string? Reader { get; }

    public string? Simulated { get; }

    /// <summary>Reads serial:N, reader:TEXT or sim:NAME.</summary>
    public static bool TryParse(string text, out TokenName name)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? "" : text[..colon];
        string value = text[(colon + 1)..];
        name = new TokenName(null, null, null);
        switch (kind)
        {
            case "serial" when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint serial):
                name = new TokenName(serial, null, null);
                return true;
            case "reader" when value.Length > 0:
                name = new TokenName(null, value, null);
                return true;
            case "sim" when SimulateCommand.IsName(value):
                name = new TokenName(null, null, value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What would have to be typed for this token.</summary>
    public static string Of(TokenInfo token) => token.Serial is { } serial ? $"serial:{serial}" : $"reader:{PrintableText.Of(token.Reader)}";

    /// <summary>Whether it names this one.</summary>
    public bool Fits(TokenInfo token)
        => Serial is { } serial ? token.Serial == serial : Reader is { } reader && token.Reader.Contains(reader, StringComparison.OrdinalIgnoreCase);
}

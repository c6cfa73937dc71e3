using System.CommandLine.Parsing;
using System.Globalization;

namespace HardwareChat.Tools;

/// <summary>Numbers of the command line, refused in words: digits only, and not too many.</summary>
internal static class Numbers
{
    /// <summary>A serial number.</summary>
    public static uint Serial(ArgumentResult argument)
    {
        if (!uint.TryParse(argument.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out uint serial))
            argument.AddError($"A serial number is digits, at most {uint.MaxValue}.");
        return serial;
    }

    /// <summary>A number that is not negative.</summary>
    public static int Count(ArgumentResult argument)
    {
        if (!int.TryParse(argument.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            argument.AddError($"{(argument.Parent as OptionResult)?.Option.Name} takes a number.");
        return count;
    }
}

using System.Globalization;

namespace HardwareChat.Bench;

/// <summary>The options after a verb: --name value, or --name alone.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _options = [];

    public static Arguments Parse(ReadOnlySpan<string> words)
    {
        var arguments = new Arguments();
        for (int i = 0; i < words.Length; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
                throw new ArgumentException($"{words[i]} is no option");
            bool hasValue = i + 1 < words.Length && !words[i + 1].StartsWith("--", StringComparison.Ordinal);
            arguments._options[words[i][2..]] = hasValue ? words[++i] : "";
        }

        return arguments;
    }

    public bool Has(string name) => _options.ContainsKey(name);

    public string? Text(string name) => _options.GetValueOrDefault(name);

    public int Number(string name, int otherwise) => _options.TryGetValue(name, out string? text) ? Number(text, name) : otherwise;

    public int[] Numbers(string name, params int[] otherwise)
        => _options.TryGetValue(name, out string? text) ? [.. text.Split(',').Select(part => Number(part, name))] : otherwise;

    private static int Number(string text, string name)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new ArgumentException($"--{name}: {text} is no number");
}

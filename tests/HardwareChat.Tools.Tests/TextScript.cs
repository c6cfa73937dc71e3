using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HardwareChat.Tools.Tests;

// A script is a conversation, as a person would see it:
//
//   # a comment
//   @...                         what happens around the tool before the next run: Surroundings
//   $ hwchat-tools ARGUMENTS     a run; 'single quotes' hold a word together, \uXXXX is a character that should not stand here
//   < TEXT                       a line of its standard input
//   > TEXT                       a line of its standard output
//   % PATH = JSON                its standard output is one JSON object, with this value at this path
//   & NAME = PATH                {NAME} is from now on what is at this path of it
//   ! TEXT                       a line of its standard error
//   = N                          its exit code; 0 if there is no such line
//   [sim] ..., [reader] ...      only where simulated tokens are opened as files, or only where they are cards in a reader
//
// {*} stands for any text in a line, and "..." alone for any number of lines. What is not written must not be printed.

/// <summary>A command-line test as text: what is typed, what is printed, how it ends.</summary>
public static class TextScript
{
    private const string SlowService = "Waiting for a token that another program is using; perhaps that one waits for a touch.\n";

    private sealed record Run(int Line, string[] Arguments)
    {
        public List<string> Input { get; } = [];

        public List<string> Output { get; } = [];

        public List<(string Path, string Value)> Json { get; } = [];

        public List<(string Name, string Path)> Told { get; } = [];

        public List<string> Error { get; } = [];

        public int ExitCode { get; set; }
    }

    /// <summary>Plays the script and fails at the first difference.</summary>
    internal static async Task PlayAsync(string path, Surroundings around)
    {
        int runs = 0;
        Run? run = null;
        bool skipping = false;
        string[] lines = await File.ReadAllLinesAsync(path);
        for (int at = 0; at < lines.Length; at++)
        {
            if (Applicable(lines[at], around.HasReader) is not { } line)
            {
                // A run that does not apply takes its lines along.
                skipping |= lines[at].Contains("] $ ", StringComparison.Ordinal);
                continue;
            }
            if (line.Length == 0 || line[0] == '#')
                continue;
            string rest = line.Length > 2 ? line[2..] : "";
            if (line[0] is '@' or '$')
            {
                await CheckAsync(around, run, path);
                (run, skipping) = (null, false);
            }
            if (skipping)
                continue;
            switch (line[0])
            {
                case '@':
                    await around.PrepareAsync(line);
                    break;
                case '$':
                    string[] words = Words(around.Reword(rest));
                    Assert.Equal("hwchat-tools", words[0]);
                    run = new Run(at + 1, words[1..]);
                    runs++;
                    break;
                case '<':
                    run!.Input.Add(around.Reword(rest));
                    break;
                case '>':
                    run!.Output.Add(around.Reword(rest));
                    break;
                case '!':
                    run!.Error.Add(around.Reword(rest));
                    break;
                case '%':
                    string[] sides = around.Reword(rest).Split(" = ", 2);
                    run!.Json.Add((sides[0], sides[1]));
                    break;
                case '&':
                    string[] told = rest.Split(" = ", 2);
                    run!.Told.Add((told[0], told[1]));
                    break;
                case '=':
                    run!.ExitCode = int.Parse(rest, CultureInfo.InvariantCulture);
                    break;
                default:
                    throw new FormatException($"{path}:{at + 1}: {line}");
            }
        }
        await CheckAsync(around, run, path);
        Assert.True(runs > 0, $"{path} runs nothing.");
    }

    /// <summary>The words of a line.</summary>
    internal static string[] Words(string line)
        => [.. Regex.Matches(line, "'([^']*)'|(\\S+)").Select(match => Characters(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value))];

    private static string Characters(string word)
        => Regex.Replace(word, @"\\u([0-9a-f]{4})", match => ((char)ushort.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());

    private static string? Applicable(string line, bool hasReader)
    {
        (string mine, string other) = hasReader ? ("[reader] ", "[sim] ") : ("[sim] ", "[reader] ");
        return line.StartsWith(other, StringComparison.Ordinal) ? null : line.StartsWith(mine, StringComparison.Ordinal) ? line[mine.Length..] : line;
    }

    private static async Task CheckAsync(Surroundings around, Run? run, string path)
    {
        if (run is null)
            return;
        ToolResult result = await around.Tool.RunAsync(string.Concat(run.Input.Select(line => line + "\n")), run.Arguments);
        // How long a service takes is no part of a conversation, and the line that says so comes or not.
        result = result with { Error = result.Error.Replace(SlowService, "", StringComparison.Ordinal) };
        string where = $"{Path.GetFileName(path)}:{run.Line}: hwchat-tools {string.Join(' ', run.Arguments)}\n--- stdout\n{result.Output}--- stderr\n{result.Error}--- exit {result.ExitCode}";
        Assert.True(run.ExitCode == result.ExitCode, $"{where}, expected {run.ExitCode}");
        Assert.True(Matches(run.Error, result.Error), $"{where}\n--- expected stderr\n{string.Join('\n', run.Error)}");
        if (run.Json.Count + run.Told.Count > 0)
            CheckJson(run, result.Output, where, around);
        else
            Assert.True(Matches(run.Output, result.Output), $"{where}\n--- expected stdout\n{string.Join('\n', run.Output)}");
        await around.AfterAsync(run.Arguments, result.ExitCode);
    }

    private static void CheckJson(Run run, string output, string where, Surroundings around)
    {
        Assert.True(output.Count(c => c == '\n') == 1, $"{where}\nstandard output is not one line");
        using JsonDocument document = JsonDocument.Parse(output);
        foreach ((string path, string expected) in run.Json)
        {
            JsonElement? at = Find(document.RootElement, path);
            string actual = at is null ? "(absent)" : at.Value.GetRawText();
            Assert.True(Matches([expected], actual), $"{where}\n{path} is {actual}, expected {expected}");
        }
        foreach ((string name, string path) in run.Told)
            around.Told[name] = Find(document.RootElement, path)?.ToString() ?? throw new FormatException($"{where}\nthere is no {path}");
    }

    // A step is a member's name, an index, or NAME=VALUE: the element of an array whose member NAME is the string VALUE.
    private static JsonElement? Find(JsonElement from, string path)
    {
        JsonElement at = from;
        foreach (string step in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at.ValueKind == JsonValueKind.Array)
            {
                string[] sides = step.Split('=', 2);
                JsonElement[] fitting = sides.Length == 2
                    ? [.. at.EnumerateArray().Where(element => element.TryGetProperty(sides[0], out JsonElement value) && value.ToString() == sides[1])]
                    : [.. at.EnumerateArray().Skip(int.Parse(step, CultureInfo.InvariantCulture))];
                if (fitting.Length == 0)
                    return null;
                at = fitting[0];
            }
            else if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step, out at))
            {
                return null;
            }
        }
        return at;
    }

    private static bool Matches(List<string> expected, string actual)
    {
        var pattern = new StringBuilder("^");
        foreach (string line in expected)
        {
            if (line == "...")
                pattern.Append("(?:.*\n)*?");
            else
                pattern.Append(string.Join(".*", line.Split("{*}").Select(Regex.Escape))).Append('\n');
        }
        string text = actual.ReplaceLineEndings("\n");
        if (text.Length > 0 && text[^1] != '\n')
            text += "\n";
        // Trailing blanks are a table's; nobody sees them.
        text = Regex.Replace(text, " +\n", "\n");
        return Regex.IsMatch(text, pattern.Append('$').ToString(), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10))
            && (expected.Count > 0 || text.Length == 0);
    }
}

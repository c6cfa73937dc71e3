using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HardwareChat.Tools.Tests;

// A script is a conversation, as a person would see it:
//
//   # a comment
//   @env NAME=VALUE              for the runs that follow
//   @file NAME TEXT              a file in the home directory, \n for a line feed
//   $ hwchat-tools ARGUMENTS     a run; 'single quotes' hold a word together
//   < TEXT                       a line of its standard input
//   > TEXT                       a line of its standard output
//   % PATH = JSON                its standard output is one JSON object, with this value at this path
//   ! TEXT                       a line of its standard error
//   = N                          its exit code; 0 if there is no such line
//
// {*} stands for any text in a line, and "..." alone for any number of lines. What is not written must not be printed.

/// <summary>A command-line test as text: what is typed, what is printed, how it ends.</summary>
public static class TextScript
{
    private sealed record Run(int Line, string[] Arguments)
    {
        public List<string> Input { get; } = [];

        public List<string> Output { get; } = [];

        public List<(string Path, string Value)> Json { get; } = [];

        public List<string> Error { get; } = [];

        public int ExitCode { get; set; }
    }

    /// <summary>Plays the script and fails at the first difference.</summary>
    public static async Task PlayAsync(string path)
    {
        using var tool = new ToolProcess();
        int runs = 0;
        Run? run = null;
        string[] lines = await File.ReadAllLinesAsync(path);
        for (int at = 0; at < lines.Length; at++)
        {
            string line = lines[at];
            if (line.Length == 0 || line[0] == '#')
                continue;
            string rest = line.Length > 2 ? line[2..] : "";
            switch (line[0])
            {
                case '@':
                    await CheckAsync(tool, run, path);
                    run = null;
                    Prepare(tool, line);
                    break;
                case '$':
                    await CheckAsync(tool, run, path);
                    string[] words = Words(rest);
                    Assert.Equal("hwchat-tools", words[0]);
                    run = new Run(at + 1, words[1..]);
                    runs++;
                    break;
                case '<':
                    run!.Input.Add(rest);
                    break;
                case '>':
                    run!.Output.Add(rest);
                    break;
                case '!':
                    run!.Error.Add(rest);
                    break;
                case '%':
                    string[] sides = rest.Split(" = ", 2);
                    run!.Json.Add((sides[0], sides[1]));
                    break;
                case '=':
                    run!.ExitCode = int.Parse(rest, System.Globalization.CultureInfo.InvariantCulture);
                    break;
                default:
                    throw new FormatException($"{path}:{at + 1}: {line}");
            }
        }
        await CheckAsync(tool, run, path);
        Assert.True(runs > 0, $"{path} runs nothing.");
    }

    private static void Prepare(ToolProcess tool, string line)
    {
        string[] parts = line.Split(' ', 3);
        switch (parts[0])
        {
            case "@env":
                string[] sides = line["@env ".Length..].Split('=', 2);
                tool.Environment[sides[0]] = sides[1];
                break;
            case "@file":
                File.WriteAllText(Path.Combine(tool.Home, parts[1]), parts[2].Replace("\\n", "\n", StringComparison.Ordinal));
                break;
            default:
                throw new FormatException(line);
        }
    }

    private static async Task CheckAsync(ToolProcess tool, Run? run, string path)
    {
        if (run is null)
            return;
        ToolResult result = await tool.RunAsync(string.Concat(run.Input.Select(line => line + "\n")), run.Arguments);
        string where = $"{Path.GetFileName(path)}:{run.Line}: hwchat-tools {string.Join(' ', run.Arguments)}\n--- stdout\n{result.Output}--- stderr\n{result.Error}--- exit {result.ExitCode}";
        Assert.True(run.ExitCode == result.ExitCode, $"{where}, expected {run.ExitCode}");
        Assert.True(Matches(run.Error, result.Error), $"{where}\n--- expected stderr\n{string.Join('\n', run.Error)}");
        if (run.Json.Count > 0)
            CheckJson(run, result.Output, where);
        else
            Assert.True(Matches(run.Output, result.Output), $"{where}\n--- expected stdout\n{string.Join('\n', run.Output)}");
    }

    private static void CheckJson(Run run, string output, string where)
    {
        Assert.True(output.Count(c => c == '\n') == 1, $"{where}\nstandard output is not one line");
        using JsonDocument document = JsonDocument.Parse(output);
        foreach ((string path, string expected) in run.Json)
        {
            JsonElement? at = Find(document.RootElement, path);
            string actual = at is null ? "(absent)" : at.Value.GetRawText();
            Assert.True(Matches([expected], actual), $"{where}\n{path} is {actual}, expected {expected}");
        }
    }

    private static JsonElement? Find(JsonElement from, string path)
    {
        JsonElement at = from;
        foreach (string step in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at.ValueKind == JsonValueKind.Array && int.TryParse(step, out int index))
            {
                if (index >= at.GetArrayLength())
                    return null;
                at = at[index];
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

    private static string[] Words(string line)
        => [.. Regex.Matches(line, "'([^']*)'|(\\S+)").Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value)];
}

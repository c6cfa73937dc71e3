using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>What a check has found so far, and how the run ends: with the first thing that is bad.</summary>
internal sealed class Findings
{
    private readonly List<FindingReport> _all = [];

    public IReadOnlyList<FindingReport> All => _all;

    public ExitCode End { get; private set; } = ExitCode.Done;

    /// <summary>The token that is being looked at, as --token names it; null before any is.</summary>
    public string? Token { get; set; }

    /// <summary>As it should be.</summary>
    public void Ok(string check, string message) => _all.Add(new FindingReport(check, Token, "ok", "ok", message, []));

    /// <summary>Worth knowing, and perhaps worth mending; nothing fails by it.</summary>
    public void Note(string check, string code, string message, params string[] hints) => _all.Add(new FindingReport(check, Token, "note", code, message, hints));

    /// <summary>What makes runs fail.</summary>
    public void Bad(string check, FailureException failure, params string[] moreHints)
    {
        _all.Add(new FindingReport(check, Token, "bad", failure.Code, failure.Message, [.. failure.Hints, .. moreHints]));
        if (End == ExitCode.Done)
            End = failure.Exit;
    }

    /// <summary>A line for each, with what to do about it below.</summary>
    public void Draw(IAnsiConsole console)
    {
        foreach (FindingReport finding in _all)
        {
            Color colour = finding.Verdict switch { "ok" => Color.Green, "bad" => Color.Red, _ => Color.Yellow };
            Screen.Line(console, $"{finding.Verdict,-5}", colour, $"{finding.Check}: {finding.Message}");
            foreach (string hint in finding.Hints)
                console.WriteLine("      " + PrintableText.Lines(hint).ReplaceLineEndings("\n      "));
        }
    }
}

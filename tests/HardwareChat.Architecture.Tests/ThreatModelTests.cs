using System.Globalization;
using System.Text.RegularExpressions;

namespace HardwareChat.Architecture.Tests;

/// <summary>docs/THREAT-MODEL.md promises by the names of tests: each is a test of the sources, and no attack of the register is without one.</summary>
public static partial class ThreatModelTests
{
    private const int Attacks = 57;

    private static readonly string Document = Repository.Read("docs/THREAT-MODEL.md");

    // A method under [Fact] or [Theory] that takes part in every run: an explicit one is a program, not a test.
    private static readonly HashSet<string> Tests = [.. Repository.Files
        .Where(static path => path.StartsWith("tests/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))
        .SelectMany(static path => TestMethod().Matches(Repository.Read(path)))
        .Where(static test => !test.Groups["options"].Value.Contains("Explicit", StringComparison.Ordinal))
        .Select(static test => test.Groups["name"].Value)];

    private static readonly Dictionary<int, string[]> Register = RegisterRow().Matches(Document)
        .ToDictionary(static row => Number(row.Groups["number"].Value), static row => NamesIn(row.Groups["tests"].Value));

    [Fact]
    public static void Every_test_that_the_document_names_is_there()
    {
        Assert.True(Tests.Count > 1000, $"only {Tests.Count} tests were found");
        string[] names = NamesIn(Document);
        Assert.True(names.Length > 100, $"only {names.Length} names were found");
        Assert.Empty(names.Except(Tests));
    }

    [Fact]
    public static void Every_attack_of_the_register_has_a_test()
    {
        Assert.Equal(Enumerable.Range(1, Attacks), Register.Keys.Order());
        Assert.All(Register, static attack => Assert.NotEmpty(attack.Value));
    }

    [Fact]
    public static void Every_test_that_is_named_after_an_attack_stands_in_its_line()
    {
        var missing = new List<string>();
        foreach (string test in Tests)
        {
            foreach (Capture number in AttackName().Match(test).Groups["number"].Captures)
            {
                if (!Register[Number(number.Value)].Contains(test))
                    missing.Add($"{number.Value}: {test}");
            }
        }

        Assert.Empty(missing);
    }

    private static string[] NamesIn(string text) => [.. TestName().Matches(text).Select(static name => name.Groups["name"].Value)];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[(Fact|Theory)(?<options>\([^\]]*\))?\](\s*\[[^\n]*\])*\s*public (static )?(async )?(void|Task) (?<name>\w+)\(")]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"^\| (?<number>\d+) \|[^|]*\|[^|]*\|(?<tests>[^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex RegisterRow();

    [GeneratedRegex(@"`(?<name>[A-Z][A-Za-z0-9]*_\w+_\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^Attack(_(?<number>\d\d)(_and)?)+_")]
    private static partial Regex AttackName();
}

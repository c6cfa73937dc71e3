using System.Text.RegularExpressions;

namespace HardwareChat.Mls.Tests.Packaging;

/// <summary>src/HardwareChat.Mls/README.md says of the code what the code says.</summary>
public partial class ReadmeTests
{
    private static readonly string Library = Path.Combine(Repository.Root, "src", "HardwareChat.Mls");
    private static readonly string Tests = Path.Combine(Repository.Root, "tests", "HardwareChat.Mls.Tests");
    private static readonly string Readme = File.ReadAllText(Path.Combine(Library, "README.md"));

    [Fact]
    public void Each_example_is_code_that_runs()
    {
        string[] blocks = [.. CodeBlock().Matches(Readme).Select(match => Squeezed(match.Groups["code"].Value))];
        string[] examples = [.. Example().Matches(File.ReadAllText(Path.Combine(Tests, "Packaging", "ReadmeExamples.cs"))).Select(match => Squeezed(match.Groups["code"].Value))];
        Assert.NotEmpty(examples);
        Assert.Equal(examples.Order(StringComparer.Ordinal), blocks.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_rule_has_one_row_with_the_place_and_the_test()
    {
        string tests = string.Concat(Directory.GetFiles(Path.Combine(Tests, "Rules"), "*.cs").Select(File.ReadAllText));
        var rows = RuleRow().Matches(Readme).ToDictionary(row => row.Groups["rule"].Value);
        Assert.Equal(Enum.GetNames<ValidationRule>().Where(name => name != nameof(ValidationRule.None)).Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        foreach ((string rule, Match row) in rows)
        {
            foreach (string file in row.Groups["where"].Value.Split(", "))
                Assert.Matches($@"ValidationRule\.{rule}\b", File.ReadAllText(Path.Combine(Library, file)));
            Assert.Contains($" {row.Groups["test"].Value}(", tests, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Each_file_that_is_named_is_there()
    {
        string[] files = [.. FileName().Matches(Readme).Select(match => match.Groups["file"].Value).Distinct()];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(Library, file)), $"the README names {file}, which is not there"));
    }

    // Without indentation, which a nested example has and a block has not.
    private static string Squeezed(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"// example: [^\n]*\n(?<code>.*?)\n *// end", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^\| `(?<rule>\w+)` \| [^|]* \| (?<where>[^|]*) \| (?<test>\w+) \|$", RegexOptions.Multiline)]
    private static partial Regex RuleRow();

    [GeneratedRegex(@"\b(?<file>(Crypto|Errors|Framing|Group|Messages|Schedule|Tree)/[\w.]+\.cs)\b")]
    private static partial Regex FileName();
}

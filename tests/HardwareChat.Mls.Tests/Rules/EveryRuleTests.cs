using System.Runtime.CompilerServices;

namespace HardwareChat.Mls.Tests.Rules;

public static class EveryRuleTests
{
    [Fact]
    public static void Every_rule_has_a_test_that_names_it()
    {
        string folder = Path.GetDirectoryName(ThisFile())!;
        string tests = string.Concat(Directory.GetFiles(folder, "*.cs").Where(static file => !file.EndsWith("EveryRuleTests.cs", StringComparison.Ordinal)).Select(File.ReadAllText));
        string[] untested = [.. Enum.GetNames<ValidationRule>().Where(name => name != nameof(ValidationRule.None) && !Names(tests, name))];
        Assert.Empty(untested);
    }

    private static bool Names(string tests, string rule)
    {
        string name = $"ValidationRule.{rule}";
        for (int at = tests.IndexOf(name, StringComparison.Ordinal); at >= 0; at = tests.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            if (!char.IsLetterOrDigit(tests[at + name.Length]))
                return true;
        }

        return false;
    }

    private static string ThisFile([CallerFilePath] string file = "") => file;
}

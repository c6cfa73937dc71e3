using System.Xml.Linq;

namespace HardwareChat.Architecture.Tests;

/// <summary>"The relay cannot decrypt" is a fact of the build: it has no reference to the code that could.</summary>
public static class ProjectArrowTests
{
    // docs/ARCHITECTURE.md, "The graph of projects". A project of src/ or tools/ that is not here fails the test, and so does a
    // reference that is not here: a new arrow is a decision, written down in both places.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["HardwareChat.Wire"] = [],
        ["HardwareChat.Mls"] = ["HardwareChat.Wire"],
        ["HardwareChat.Attestation"] = ["HardwareChat.Wire"],
        ["HardwareChat.Tokens"] = ["HardwareChat.Wire", "HardwareChat.Attestation"],
        ["HardwareChat.Tokens.Yubico"] = ["HardwareChat.Tokens"],
        ["HardwareChat.Protocol"] = ["HardwareChat.Wire"],
        ["HardwareChat.Enrolment"] = ["HardwareChat.Protocol", "HardwareChat.Attestation"],
        ["HardwareChat.Relay"] = ["HardwareChat.Protocol", "HardwareChat.Attestation", "HardwareChat.Enrolment"],
        ["HardwareChat.Client"] = ["HardwareChat.Mls", "HardwareChat.Protocol", "HardwareChat.Tokens", "HardwareChat.Attestation", "HardwareChat.Enrolment"],
        ["HardwareChat.Terminal"] = ["HardwareChat.Client", "HardwareChat.Protocol", "HardwareChat.Tokens", "HardwareChat.Tokens.Yubico", "HardwareChat.Relay"],
        ["HardwareChat.Tools"] = ["HardwareChat.Protocol", "HardwareChat.Tokens", "HardwareChat.Tokens.Yubico", "HardwareChat.Attestation", "HardwareChat.Enrolment", "HardwareChat.Client"],
    };

    private static readonly string[] RelayNever = ["HardwareChat.Mls", "HardwareChat.Tokens", "HardwareChat.Client"];

    private static readonly Dictionary<string, string[]> Actual = Repository.Files
        .Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) && (path.StartsWith("src/", StringComparison.Ordinal) || path.StartsWith("tools/", StringComparison.Ordinal)))
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), References);

    [Fact]
    public static void Every_reference_between_projects_is_one_of_the_drawn_arrows()
    {
        Assert.NotEmpty(Actual);
        foreach ((string project, string[] references) in Actual)
        {
            Assert.True(Allowed.TryGetValue(project, out string[]? arrows), $"{project} is not in the graph of projects.");
            Assert.All(references, reference => Assert.True(arrows.Contains(reference), $"{project} -> {reference} is not a drawn arrow."));
        }
    }

    [Fact]
    public static void Relay_reaches_neither_mls_nor_tokens_by_any_path()
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>(["HardwareChat.Relay"]);
        while (open.TryPop(out string? project))
        {
            foreach (string next in Allowed[project].Concat(Actual.GetValueOrDefault(project, [])))
            {
                if (reached.Add(next))
                    open.Push(next);
            }
        }

        Assert.NotEmpty(reached);
        Assert.Empty(reached.Intersect(RelayNever));
    }

    [Fact]
    public static void Every_project_is_in_the_solution()
    {
        string solution = Repository.Read("HardwareChat.sln").Replace('\\', '/');
        string[] outside = [.. Repository.Files
            .Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) && !path.EndsWith(".Aot.csproj", StringComparison.Ordinal))
            .Where(path => !solution.Contains(path, StringComparison.Ordinal))];
        Assert.Empty(outside);
    }

    private static string[] References(string path)
    {
        XDocument project = XDocument.Load(Path.Combine(Repository.Root, path));
        return [.. project.Descendants("ProjectReference")
            .Select(reference => (string?)reference.Attribute("Include"))
            .OfType<string>()
            .Select(include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')))];
    }
}

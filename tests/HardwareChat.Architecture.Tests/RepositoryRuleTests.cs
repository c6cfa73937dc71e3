using System.Text.RegularExpressions;

namespace HardwareChat.Architecture.Tests;

/// <summary>Rules that hold for every file of the repository.</summary>
public static partial class RepositoryRuleTests
{
    private static readonly string[] TopLevel =
    [
        "src", "tests", "tools", "docs", ".ci", "HardwareChat.sln", "README.md", "LICENSE", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md",
        "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", ".gitignore", ".gitattributes",
    ];

    [Fact]
    public static void Top_level_holds_what_the_readers_map_says_and_nothing_else()
        => Assert.Empty(Repository.Files.Select(path => path.Split('/')[0]).Distinct().Except(TopLevel));

    [Fact]
    public static void Lock_files_name_no_package_registry()
    {
        string[] locks = [.. Repository.Files.Where(path => Path.GetFileName(path) is "packages.lock.json" or "package-lock.json")];
        Assert.NotEmpty(locks);
        Assert.DoesNotContain(locks, path => RegistryAddress().IsMatch(Repository.Read(path)));
    }

    [Fact]
    public static void Package_versions_are_central()
        => Assert.DoesNotContain(
            Repository.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)),
            path => PackageVersion().IsMatch(Repository.Read(path)));

    [Fact]
    public static void Code_holds_no_unfinished_work()
        => Assert.DoesNotContain(
            Repository.Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && Path.GetFileName(path) != nameof(RepositoryRuleTests) + ".cs"),
            path => UnfinishedWork().IsMatch(Repository.Read(path)));

    [GeneratedRegex("\"resolved\": *\"http")]
    private static partial Regex RegistryAddress();

    [GeneratedRegex("<PackageReference [^>]*Version=")]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"NotImplementedException|\b(TODO|FIXME|HACK|XXX)\b|Skip *= *""|catch *(\(Exception[^)]*\))? *\{ *\}")]
    private static partial Regex UnfinishedWork();
}

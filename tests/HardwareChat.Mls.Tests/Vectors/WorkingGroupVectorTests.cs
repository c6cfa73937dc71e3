using HardwareChat.Mls.Tests.Packaging;
using HardwareChat.Mls.Vectors;

namespace HardwareChat.Mls.Tests.Vectors;

/// <summary>The working group's vectors, by the code of the runner tests/HardwareChat.Mls.Vectors.</summary>
public class WorkingGroupVectorTests
{
    private static readonly string Folder = Path.Combine(
        Environment.GetEnvironmentVariable("HARDWARECHAT_SHARED") ?? Path.Combine(Repository.Root, "..", "shared"), "mls-vectors");

    public static TheoryData<string> Files => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)]
        : ["none"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_case_of_the_file_holds(string file)
    {
        if (!Directory.Exists(Folder))
            Assert.Skip($"there is no {Folder}");
        VectorFile result = VectorFile.Run(Path.Combine(Folder, file));
        Assert.Empty(result.Failures);
        Assert.Empty(result.Skips);
        Assert.True(result.Passed > 0, "the file holds no case");
    }
}

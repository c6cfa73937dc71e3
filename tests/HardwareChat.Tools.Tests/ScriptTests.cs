namespace HardwareChat.Tools.Tests;

/// <summary>Plays every file of Scripts against the real executable.</summary>
public sealed class ScriptTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Scripts");

    public static TheoryData<string> Scripts => [.. Directory.EnumerateFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public Task Conversation_goes_as_written(string name) => TextScript.PlayAsync(Path.Combine(Folder, name + ".txt"));
}

using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tools.Tests;

/// <summary>The files of Scripts.</summary>
internal static class Scripts
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Scripts");

    /// <summary>The names of a folder's scripts.</summary>
    public static TheoryData<string> In(string folder)
        => [.. Directory.EnumerateFiles(Path.Combine(Folder, folder), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    /// <summary>Plays one without a reader.</summary>
    public static async Task PlayAsync(string folder, string name)
    {
        await using var around = new Surroundings(null);
        await TextScript.PlayAsync(PathOf(folder, name), around);
    }

    public static string PathOf(string folder, string name) => Path.Combine(Folder, folder, name + ".txt");
}

/// <summary>Plays scripts against the real executable, with tokens that are files.</summary>
public sealed class ScriptTests
{
    public static TheoryData<string> General => Scripts.In("");

    public static TheoryData<string> Token => Scripts.In("Token");

    [Theory]
    [MemberData(nameof(General))]
    public Task Conversation_goes_as_written(string name) => PlayAsync("", name);

    [Theory]
    [MemberData(nameof(Token))]
    public Task Conversation_with_a_token_goes_as_written(string name) => PlayAsync("Token", name);

    private static Task PlayAsync(string folder, string name) => Scripts.PlayAsync(folder, name);
}

/// <summary>Plays what is said to relays and about communities, with tokens that are files and a relay on this machine.</summary>
public sealed class CommunityScriptTests
{
    public static TheoryData<string> Community => Scripts.In("Community");

    [Theory]
    [MemberData(nameof(Community))]
    public Task Conversation_with_a_community_goes_as_written(string name) => Scripts.PlayAsync("Community", name);
}

/// <summary>Plays the same conversations with tokens that are cards in a reader, and those that only a reader makes possible.</summary>
[Collection(WithVirtualReader.Name)]
public sealed class ReaderScriptTests(VirtualReader reader)
{
    public static TheoryData<string> Token => Scripts.In("Token");

    public static TheoryData<string> Reader => Scripts.In("Reader");

    [Theory]
    [MemberData(nameof(Token))]
    public Task Conversation_goes_the_same_through_a_reader(string name) => PlayAsync("Token", name, servesAll: true);

    [Theory]
    [MemberData(nameof(Reader))]
    public Task Conversation_about_a_reader_goes_as_written(string name) => PlayAsync("Reader", name, servesAll: false);

    private async Task PlayAsync(string folder, string name, bool servesAll)
    {
        reader.Require("nsenter", "kill", "env");
        await using var around = new Surroundings(reader) { ServesAll = servesAll };
        await TextScript.PlayAsync(Scripts.PathOf(folder, name), around);
    }
}

using System.Diagnostics;

namespace HardwareChat.Terminal.Tests;

/// <summary>"hwchat demo", the real executable, without and with a terminal.</summary>
public sealed class DemoTests : IDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "hwchat");

    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-demo-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_step_is_shown_and_nothing_is_left_behind()
    {
        (int code, string output, string error) = await RunAsync(_folder);

        Assert.Equal("", error);
        Assert.Equal(0, code);
        string[] told = [.. output.Split('\n').Where(static line => line.Length > 2 && line[2] == '.')];
        Assert.Equal(12, told.Length);
        Assert.StartsWith(" 1. The relay listens at http://127.0.0.1:", told[0], StringComparison.Ordinal);
        Assert.StartsWith(" 7. carol tries with a wrong phrase: the others skip her knock", told[6], StringComparison.Ordinal);
        Assert.StartsWith("12. Whoever found carol's key is refused", told[11], StringComparison.Ordinal);
        Assert.Contains("Done: 12 steps, each seen to happen. Touches: alice 7, bob 4, carol 5.", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task No_room_for_the_token_is_an_error_line()
    {
        (int code, string output, string error) = await RunAsync(Path.Combine(_folder, "not-there"));

        Assert.Equal("", output);
        Assert.Equal(4, code);
        AssertErrorLine(error);
    }

    [Fact]
    public async Task Output_that_cannot_be_written_is_an_error_line()
    {
        if (!File.Exists("/dev/full"))
            Assert.Skip("there is no /dev/full");

        (int code, _, string error) = await RunAsync(_folder, "sh", "-c", "exec \"$0\" demo >/dev/full", Executable);

        Assert.Equal(4, code);
        AssertErrorLine(error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Folder_of_another_user_is_an_error_line()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/setpriv"))
            Assert.Skip("another user's run wants root and setpriv");

        (int code, _, string error) = await RunAsync(_folder, "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", Executable, "demo");

        Assert.Equal(4, code);
        AssertErrorLine(error);
    }

    [Fact]
    public async Task Line_mode_is_lived_in_and_a_touch_can_be_given_or_left()
    {
        using TmuxTerminal terminal = TmuxTerminal.Open();
        terminal.Type($"TMPDIR={_folder} {Executable} demo --plain; echo ended with $?");
        await terminal.WaitForAsync("bob: Hello alice!");

        terminal.Type("good morning");
        await terminal.WaitForAsync("sent\n");
        await terminal.WaitForAsync("carol reacted");
        terminal.Type("/new picnic");
        await terminal.WaitForAsync("touch your key: found the room picnic (press t to touch it; Ctrl-C gives up)");
        terminal.Press("x");
        terminal.Press("t");
        await terminal.WaitForAsync("Now in picnic");
        terminal.Type("/new nothing");
        await terminal.WaitForAsync("found the room nothing");
        terminal.Press("C-c");
        await terminal.WaitForAsync("error: given up; nothing was signed");
        terminal.Type("/quit");
        await terminal.WaitForAsync("ended with 0");
        await terminal.AssertSaneAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Every_command_does_what_it_says()
    {
        (string Typed, string Answered)[] story =
        [
            ("/new open shed", "Others enter by: /join [0-9a-f]{64}\n"),
            ("hello *there* @carol", "#2 you: hello there @carol\n"),
            ("/reply 2 with //slashes", "#3 you \\(to #2 of alice\\): with //slashes\n"),
            ("//edit", "#4 you: /edit\n"),
            ("/edit wordy", "#4 you \\(edited\\): wordy\n"),
            ("/edit #3 anew", "#3 you \\(to #2 of alice\\) \\(edited\\): anew\n"),
            ("/react #2 🌱", "alice reacted 🌱 to #2\n"),
            ("/react 2 ab", "error: a reaction is one character\n"),
            ("/delete 3", "alice took back #3\n"),
            ("/delete 77", "error: there is no message #77 in shed\n"),
            ("/show 4", "Wording 1: /edit\n"),
            ("/copy 2", "hello \\*there\\* @carol|hello \\*there\\* \\[@carol\\]"),
            ("/search hel the", "shed #2 .* alice: hello there @carol\n"),
            ("/search anew", "Nothing found.\n"),
            ("/add bob", "\\* alice added bob\n"),
            ("/add bob", "error: bob is in the room already\n"),
            ("/remove bob", "\\* alice removed bob\n"),
            ("/add zed", "error: zed is not in the community; /people lists who is\n"),
            ("/verify bob", "Read these words to bob"),
            ("/verify bob yes", "bob: verified.\n"),
            ("/people", "alice, admin: you, 1 token\nbob: verified, 1 token\ncarol: not verified, 1 token\n"),
            ("/title yard", "\\* you gave the room the title: yard\n"),
            ("/room the garden", "Now in the garden"),
            ("/members", "3 in the garden:\n"),
            ("/rooms", "1\\. the garden \\(open\\)"),
            ("/notices none", "In the garden these ring: none.\n"),
            ("/receipts on", "Others see which of their messages you have read.\n"),
            ("/outbox", "Everything is sent.\n"),
            ("/status", "Connection: online\n"),
            ("/join 12", "error: that is not the name of a room"),
            ("/accept", "error: nobody has invited you\n"),
            ("/help receipts", "/receipts on\\|off: "),
            ("/keys", "Ctrl-Z: stops the program"),
        ];
        await File.WriteAllLinesAsync(Path.Combine(_folder, "story"), story.Select(static line => line.Typed), TestContext.Current.CancellationToken);
        (int code, string output, string error) = await RunAsync(_folder, "sh", "-c", "exec \"$0\" demo --plain < \"$TMPDIR/story\"", Executable);

        Assert.Equal("", error);
        Assert.Equal(0, code);
        Assert.All(story, line => Assert.Matches(line.Answered, output));
    }

    [Fact]
    public async Task Line_mode_takes_commands_from_a_pipe_to_its_end()
    {
        (int code, string output, string error) = await RunAsync(
            _folder, "sh", "-c", "printf 'one\\\ntwo\n/new phrase shed\nsix words that nobody would guess\n/rooms\n/nonsense\nlast' | \"$0\" demo --plain", Executable);

        Assert.Equal("", error);
        Assert.Equal(0, code);
        Assert.Matches("#[0-9]+ you: one\n  two\n", output);
        Assert.Contains("touch your key: found the room shed", output, StringComparison.Ordinal);
        Assert.Contains("2. shed (open)\n", output, StringComparison.Ordinal);
        Assert.Contains("error: there is no command /nonsense; /help lists those there are\n", output, StringComparison.Ordinal);
        Assert.EndsWith("you: last\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("six words", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    private static void AssertErrorLine(string error)
    {
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(string temporary) => RunAsync(temporary, Executable, "demo");

    private static async Task<(int Code, string Output, string Error)> RunAsync(string temporary, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = temporary;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, error);
    }
}

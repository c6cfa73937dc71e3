namespace HardwareChat.Terminal.Tests;

/// <summary>The full screen of "hwchat demo", in a real terminal.</summary>
public sealed class FullScreenTests : IDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "hwchat");

    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-screen-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_person_chats_founds_a_room_pastes_resizes_stops_and_leaves()
    {
        using TmuxTerminal terminal = await OpenAsync();
        Assert.Contains("the garden  (encrypted, 1 of 3 verified)", terminal.Screen(), StringComparison.Ordinal);
        Assert.EndsWith("online", terminal.Screen().Split('\n')[0], StringComparison.Ordinal);

        terminal.Type("good **morning**");
        await terminal.WaitForAsync("you: good morning");
        await terminal.WaitForAsync("🌱 carol");

        // A touch cannot be missed, and can be left; without one there is no room.
        terminal.Type("/new nothing");
        await terminal.WaitForAsync("TOUCH YOUR KEY");
        await terminal.WaitForAsync("found the room nothing");
        terminal.Press("Escape");
        await terminal.WaitForAsync("given up; nothing was signed");
        await terminal.WaitUntilGoneAsync("TOUCH YOUR KEY");
        terminal.Type("/new picnic");
        await terminal.WaitForAsync("found the room picnic");
        terminal.Press("t");
        await terminal.WaitForAsync(" picnic  (encrypted; you are alone here)");
        terminal.Type("/add carol");
        await terminal.WaitForAsync("Thank you for the invitation");

        // A paste is an edit, whatever it holds, and goes out as one message.
        terminal.Paste("first line\nsecond line\n/quit\n\tfourth");
        await terminal.WaitForAsync("4 lines: Enter sends them as one message");
        terminal.Press("Enter");
        await terminal.WaitForAsync("you: first line");
        await terminal.WaitForAsync("    /quit");

        terminal.Resize(40, 10);
        string small = await terminal.WaitForAsync(" encrypted, 1 of 2 verified");
        Assert.Equal(" picnic                          online", small.Split('\n')[0]);
        Assert.Contains("fourth", small, StringComparison.Ordinal);
        terminal.Resize(120, 40);
        await terminal.WaitForAsync(" 2 picnic             │");

        terminal.Press("C-z");
        await terminal.WaitForAsync("Stopped");
        await terminal.AssertSaneAsync();
        terminal.Type("fg");
        await terminal.WaitForAsync(" 2 picnic             │");
        terminal.Press("M-1");
        await terminal.WaitForAsync("you: good morning");
        terminal.Press("C-d");
        await terminal.WaitUntilGoneAsync("good morning");
        await terminal.AssertSaneAsync();
    }

    [Fact]
    public async Task A_terminal_without_sequences_gets_line_mode_and_control_c_ends_it()
    {
        using TmuxTerminal terminal = TmuxTerminal.Open("TERM=dumb");
        terminal.Type($"TMPDIR={_folder} {Executable} demo; echo ended with $?");

        await terminal.WaitForAsync("Line mode, since TERM says that this terminal cannot do it.");
        await terminal.WaitForAsync("bob: Hello alice!");
        terminal.Press("C-c");
        await terminal.WaitForAsync("ended with 130");
        await terminal.AssertSaneAsync();
        Assert.DoesNotContain('\x1b', terminal.ColouredScreen());
    }

    private async Task<TmuxTerminal> OpenAsync()
    {
        TmuxTerminal terminal = TmuxTerminal.Open();
        terminal.Type($"TMPDIR={_folder} {Executable} demo; echo ended with $?");
        await terminal.WaitForAsync("bob: Hello alice!");
        return terminal;
    }
}

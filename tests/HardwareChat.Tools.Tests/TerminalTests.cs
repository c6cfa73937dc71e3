using HardwareChat.Terminal.Tests;
using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tools.Tests;

/// <summary>The real executable in a real terminal: what a person sees, and what is left of the terminal afterwards.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string Prompt = "not the FIDO PIN), 3 tries left:";
    private const string CountDown = "t touches, q gives up";

    private readonly ToolProcess _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Pin_is_never_shown_a_wrong_one_is_asked_for_again_and_t_touches()
    {
        using TmuxTerminal terminal = await StartAsync("token test-touch --token sim:alice");
        await terminal.WaitForAsync(Prompt);
        terminal.Type("111111");
        await terminal.WaitForAsync("2 tries left:");
        terminal.Type("998877");
        await terminal.WaitForAsync(CountDown);
        terminal.Press("t");

        string screen = await terminal.WaitForAsync("ended with 0");

        Assert.Contains("The touch was noticed", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("111111", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("998877", screen, StringComparison.Ordinal);
        await AssertSaneAsync(terminal);
    }

    [Theory]
    [InlineData("q", "you gave up the touch; nothing was signed.", "ended with 16")]
    [InlineData("C-c", "interrupted", "ended with 130")]
    public async Task Leaving_a_touch_leaves_the_terminal_as_it_was(string key, string said, string ended)
    {
        using TmuxTerminal terminal = await StartAsync("token test-touch --token sim:alice");
        await terminal.WaitForAsync(Prompt);
        terminal.Type("998877");
        await terminal.WaitForAsync(CountDown);

        terminal.Press(key);

        Assert.Contains(said, await terminal.WaitForAsync(ended), StringComparison.Ordinal);
        await AssertSaneAsync(terminal);
    }

    [Fact]
    public async Task Ctrl_c_at_the_pin_ends_the_run_and_no_try_is_gone()
    {
        using TmuxTerminal terminal = await StartAsync("token test-touch --token sim:alice");
        await terminal.WaitForAsync(Prompt);
        terminal.Press("1", "1", "C-c");
        await terminal.WaitForAsync("ended with 130");
        await AssertSaneAsync(terminal);
        Assert.Contains("\"pin_tries_left\":3", (await _tool.RunAsync("", "token", "info", "--token", "sim:alice", "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_and_continued_the_pin_stays_hidden()
    {
        using TmuxTerminal terminal = await StartAsync("token test-touch --token sim:alice");
        await terminal.WaitForAsync(Prompt);
        terminal.Press("C-z");
        await terminal.WaitForAsync("Stopped");
        await AssertSaneAsync(terminal);
        terminal.Type("fg");
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken); // until it goes on: nothing on the screen tells
        terminal.Type("998877");

        string screen = await terminal.WaitForAsync(CountDown);

        Assert.DoesNotContain("998877", screen, StringComparison.Ordinal);
        terminal.Press("q");
    }

    [Fact]
    public async Task Terminated_at_the_pin_the_terminal_shows_again_what_is_typed()
    {
        using TmuxTerminal terminal = await StartAsync("token test-touch --token sim:alice");
        await terminal.WaitForAsync(Prompt);
        await ForeignTool.RunAsync("sh", "-c", $"for p in $(pgrep -x hwchat-tools); do grep -qz HOME={_tool.Home} /proc/$p/environ && kill -TERM $p; done; true");
        await terminal.WaitForAsync("ended with 130");
        await AssertSaneAsync(terminal);
    }

    private async Task<TmuxTerminal> StartAsync(string verb)
    {
        Assert.Equal(0, (await _tool.RunAsync("", "simulate", "create", "alice", "--serial", "1")).ExitCode);
        ToolResult init = await _tool.RunAsync(
            "998877\n87654321\n", "token", "init", "--token", "sim:alice", "--slot", "9A", "--from-factory", "--new-pin-fd", "0", "--new-puk-fd", "0", "--auto-touch");
        Assert.Equal(0, init.ExitCode);
        TmuxTerminal terminal = TmuxTerminal.Open();
        terminal.Type("set -m");
        terminal.Type($"HOME={_tool.Home} {ToolProcess.Executable} {verb}; echo ended with $?");
        return terminal;
    }

    private static async Task AssertSaneAsync(TmuxTerminal terminal)
    {
        terminal.Type("stty -a | grep -o ' icanon\\| echo ' | tr -d '\\n'; echo .");
        await terminal.WaitForAsync(" icanon echo .");
    }
}

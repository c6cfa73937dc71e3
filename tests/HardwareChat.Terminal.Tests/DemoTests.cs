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
        string[] told = [.. output.Split('\n').Where(line => line.Length > 0 && (char.IsAsciiDigit(line[0]) || line.StartsWith("Done", StringComparison.Ordinal)))];
        Assert.Collection(
            told,
            line => Assert.StartsWith("1. A token: serial ", line, StringComparison.Ordinal),
            line => Assert.StartsWith("2. Enrol: the token makes a P-256 key in slot 9A", line, StringComparison.Ordinal),
            line => Assert.StartsWith("3. Touch and sign: ", line, StringComparison.Ordinal),
            line => Assert.Equal("4. Verify: the signature is by that key, over those bytes.", line),
            line => Assert.StartsWith("5. Attest: ", line, StringComparison.Ordinal),
            line => Assert.StartsWith("Done. ", line, StringComparison.Ordinal));
        Assert.Contains("   Standard input is no terminal, so the touch is given by itself.", output, StringComparison.Ordinal);
        Assert.Contains("   With one bit of them changed it is refused.", output, StringComparison.Ordinal);
        Assert.Contains("HardwareChat Simulated PIV Root CA", output, StringComparison.Ordinal);
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
    public async Task Key_t_touches()
    {
        using TmuxTerminal terminal = TmuxTerminal.Open();
        terminal.Type($"TMPDIR={_folder} {Executable} demo; echo ended with $?");
        await terminal.WaitForAsync("Press t to touch it, q to give up");

        terminal.Press("x");
        terminal.Press("t");

        string screen = await terminal.WaitForAsync("ended with 0");
        Assert.Contains("Touched; it gave a signature", screen, StringComparison.Ordinal);
        Assert.Contains("Done.", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q", "error: you gave up the touch; nothing was signed.", "ended with 16")]
    [InlineData("C-c", "error: interrupted; nothing was signed.", "ended with 130")]
    public async Task Leaving_the_touch_leaves_a_sane_terminal_and_no_files(string key, string said, string ended)
    {
        using TmuxTerminal terminal = TmuxTerminal.Open();
        terminal.Type($"TMPDIR={_folder} {Executable} demo; echo ended with $?");
        await terminal.WaitForAsync("Press t to touch it, q to give up");

        terminal.Press(key);

        Assert.Contains(said, await terminal.WaitForAsync(ended), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        terminal.Type("stty -a | grep -o ' icanon\\| echo ' | tr -d '\\n'; echo .");
        await terminal.WaitForAsync(" icanon echo .");
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

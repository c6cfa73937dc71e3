using System.Diagnostics;

namespace HardwareChat.Tools.Tests;

/// <summary>The completion scripts, sourced by the shells that they are for.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly ToolProcess _tool = new();

    public void Dispose() => _tool.Dispose();

    [Theory]
    [InlineData("hwchat-tools tok", "token")]
    [InlineData("hwchat-tools token si", "sign")]
    [InlineData("hwchat-tools token init --touch al", "always")]
    public async Task Bash_completes_verbs_and_values(string line, string expected)
        => Assert.Contains(expected, await ShellAsync("bash", "--norc", $$"""
            eval "$(hwchat-tools completion bash)"
            COMP_LINE='{{line}}' COMP_POINT=${#COMP_LINE} COMP_WORDS=({{line}}) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _hwchat_tools hwchat-tools
            printf '%s\n' "${COMPREPLY[@]}"
            """));

    [Fact]
    public async Task Bash_completes_a_tokens_name_after_its_colon()
    {
        Assert.Equal(0, (await _tool.RunAsync("", "simulate", "create", "alice")).ExitCode);
        string[] proposals = await ShellAsync("bash", "--norc", """
            eval "$(hwchat-tools completion bash)"
            COMP_LINE='hwchat-tools token info --token sim:al' COMP_POINT=${#COMP_LINE}
            COMP_WORDS=(hwchat-tools token info --token sim : al) COMP_CWORD=6
            _hwchat_tools hwchat-tools
            printf '%s\n' "${COMPREPLY[@]}"
            """);
        Assert.Equal(["alice"], proposals);
    }

    [Theory]
    [InlineData("hwchat-tools tok", "token")]
    [InlineData("hwchat-tools token si", "sign")]
    public async Task Zsh_completes_verbs(string line, string expected)
        => Assert.Contains(expected, await ShellAsync("zsh", "-f", $$"""
            compdef() { }
            compadd() { print -l -- $proposals }
            _files() { }
            eval "$(hwchat-tools completion zsh)"
            words=({{line}}) CURRENT=$#words
            _hwchat_tools
            """));

    [Theory]
    [InlineData("hwchat-tools tok", "token")]
    [InlineData("hwchat-tools token si", "sign")]
    public async Task Fish_completes_verbs(string line, string expected)
        => Assert.Contains(expected, await ShellAsync("fish", "--no-config", $$"""
            hwchat-tools completion fish | source
            complete -C '{{line}}'
            """));

    private async Task<string[]> ShellAsync(string shell, string option, string script)
    {
        if (!ToolProcess.OnPath(shell))
            Assert.Skip($"{shell} is not installed.");
        var start = new ProcessStartInfo(shell, [option, "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = AppContext.BaseDirectory + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = _tool.Home;
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("XDG_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal("", await error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

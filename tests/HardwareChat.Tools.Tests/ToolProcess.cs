using System.Diagnostics;

namespace HardwareChat.Tools.Tests;

/// <summary>What a run of the real executable left behind.</summary>
public sealed record ToolResult(int ExitCode, string Output, string Error);

/// <summary>The real hwchat-tools, run in a home of its own.</summary>
public sealed class ToolProcess : IDisposable
{
    public static readonly string Executable = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "hwchat-tools.exe" : "hwchat-tools");

    private readonly string? _service;
    private readonly List<string> _before = [];

    /// <summary>A home for runs.</summary>
    /// <param name="service">The socket of the smart-card service that they meet; none if null.</param>
    public ToolProcess(string? service = null)
    {
        Home = Directory.CreateTempSubdirectory("hwchat-tools-test-").FullName;
        _service = service;
    }

    /// <summary>HOME and the working directory of each run; deleted at the end.</summary>
    public string Home { get; }

    /// <summary>Further environment variables of each run.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Makes a file or folder of this machine empty for the runs that follow, in a mount namespace of their own.</summary>
    public void Hide(string path)
        => _before.AddRange(["unshare", "-m", "--", "sh", "-c", $"if [ -d {path} ]; then mount -t tmpfs none {path}; else mount --bind /dev/null {path}; fi; exec \"$@\"", "sh"]);

    /// <summary>Makes the runs that follow those of another user, whose the home becomes.</summary>
    public void BecomeUser(string user)
    {
        using Process chown = Process.Start("chown", ["-R", user, Home]);
        chown.WaitForExit();
        _before.AddRange(["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--"]);
    }

    /// <summary>Whether the shell would find a program of this name.</summary>
    public static bool OnPath(string program)
        => System.Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Starts a run; its standard input is open.</summary>
    public Process Start(params IEnumerable<string> arguments)
    {
        string[] line = [.. _before, Executable, .. arguments];
        return Start(line[0], line[1..]);
    }

    /// <summary>Starts a run in the network namespace of another process.</summary>
    public Process StartIn(int process, params IEnumerable<string> arguments)
        => Start("nsenter", ["-t", process.ToString(System.Globalization.CultureInfo.InvariantCulture), "-n", Executable, .. arguments]);

    private Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Home,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("XDG_", StringComparison.Ordinal) || name.StartsWith("HWCHAT_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["HOME"] = Home;
        // Not whatever smart-card service this machine has: a test that wants one says so.
        start.Environment["PCSCLITE_CSOCK_NAME"] = _service ?? Path.Combine(Home, "no-pcscd");
        foreach ((string name, string value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("hwchat-tools did not start.");
    }

    /// <summary>Runs to the end, with this standard input.</summary>
    public async Task<ToolResult> RunAsync(string input, params IEnumerable<string> arguments)
    {
        using Process process = Start(arguments);
        return await FinishAsync(process, input);
    }

    /// <summary>Feeds the input and waits for the end of a run.</summary>
    public static async Task<ToolResult> FinishAsync(Process process, string input = "")
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read all: what it said says why.
        }
        await process.WaitForExitAsync();
        return new ToolResult(process.ExitCode, await output, await error);
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);
}

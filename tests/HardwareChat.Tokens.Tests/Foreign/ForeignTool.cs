using System.Diagnostics;

namespace HardwareChat.Tokens.Tests.Foreign;

/// <summary>Runs a program that others wrote, and holds it to its exit code.</summary>
internal static class ForeignTool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(["/usr/sbin", "/sbin"])
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs it and expects success; what it wrote, output and errors together.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int code, string text) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}\nended with {code}:\n{text}");
        return text;
    }

    /// <summary>Runs it and expects it to say no.</summary>
    public static async Task<string> RefuseAsync(string program, params string[] arguments)
    {
        (int code, string text) = await TryAsync(program, arguments);
        Assert.True(code != 0, $"{program} {string.Join(' ', arguments)}\nsucceeded:\n{text}");
        return text;
    }

    /// <summary>Runs it, where its exit code says nothing.</summary>
    public static async Task<(int Code, string Text)> TryAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

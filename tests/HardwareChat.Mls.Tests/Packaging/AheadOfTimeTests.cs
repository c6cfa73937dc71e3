using System.Diagnostics;

namespace HardwareChat.Mls.Tests.Packaging;

/// <summary>IsAotCompatible is a claim; a program that was compiled ahead of time and runs is the proof.</summary>
public class AheadOfTimeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task A_program_compiled_ahead_of_time_uses_every_suite()
    {
        if (!OperatingSystem.IsLinux() || (!File.Exists("/usr/bin/gcc") && !File.Exists("/usr/bin/clang")))
            Assert.Skip("no native tool chain (gcc or clang, on Linux)");

        string project = Path.Combine(Repository.Root, "tests", "Aot", "HardwareChat.Mls.Aot.csproj");
        string output = Directory.CreateTempSubdirectory("hardwarechat-aot-").FullName;
        try
        {
            (int status, string text) = await Run("dotnet", "restore", project, "-r", Rid, "-v", "quiet", "--nologo");
            if (status != 0 && text.Contains("ILCompiler", StringComparison.Ordinal))
                Assert.Skip("the ILCompiler package cannot be had");
            Assert.True(status == 0, text);

            string linker = File.Exists("/usr/bin/clang") ? "clang" : "gcc";
            (status, text) = await Run(
                "dotnet", "publish", project, "-r", Rid, "--no-restore", "-v", "quiet", "--nologo", "-o", output, $"-p:CppCompilerAndLinker={linker}");
            Assert.True(status == 0, text);
            (status, text) = await Run(Path.Combine(output, "HardwareChat.Mls.Aot"));
            Assert.True(status == 0, $"{status}: {text}");
            Assert.Equal(CipherSuite.All.Select(suite => suite.Name), text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private static string Rid => System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

    private static async Task<(int Status, string Output)> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }
}

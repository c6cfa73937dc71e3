using System.Diagnostics;

namespace HardwareChat.Mls.Tests.Packaging;

/// <summary>IsAotCompatible is a claim; a program that was compiled ahead of time and runs is the proof.</summary>
public class AheadOfTimeTests
{
    private static readonly string[] Parts =
    [
        "global.json", ".editorconfig", "Directory.Build.props", "Directory.Packages.props", "src/Directory.Build.props", "src/HardwareChat.Wire",
        "src/HardwareChat.Mls", "tests/Directory.Build.props", "tests/Aot",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task A_program_compiled_ahead_of_time_uses_every_suite()
    {
        if (!OperatingSystem.IsLinux() || (!File.Exists("/usr/bin/gcc") && !File.Exists("/usr/bin/clang")))
            Assert.Skip("no native tool chain (gcc or clang, on Linux)");

        // In a copy: a restore for one platform would write other lock files and assets beside the sources.
        string copy = Directory.CreateTempSubdirectory("hardwarechat-aot-").FullName;
        try
        {
            foreach (string part in Parts)
                Copy(Path.Combine(Repository.Root, part), Path.Combine(copy, part));
            string project = Path.Combine(copy, "tests", "Aot", "HardwareChat.Mls.Aot.csproj");
            string output = Path.Combine(copy, "published");
            (int status, string text) = await Run("dotnet", "restore", project, "-r", Rid, "-p:RestorePackagesWithLockFile=false", "-p:RestoreLockedMode=false", "-v", "quiet", "--nologo");
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
            Directory.Delete(copy, recursive: true);
        }
    }

    private static void Copy(string from, string to)
    {
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to);
            return;
        }

        Directory.CreateDirectory(to);
        foreach (string entry in Directory.GetFileSystemEntries(from).Where(entry => Path.GetFileName(entry) is not ("bin" or "obj" or "packages.lock.json")))
            Copy(entry, Path.Combine(to, Path.GetFileName(entry)));
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

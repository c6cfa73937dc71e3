using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace HardwareChat.Protocol.Tests.Models;

/// <summary>docs/models/append.pml, checked by SPIN: every interleaving, not a sample of them.</summary>
public static partial class AppendModelTests
{
    [Theory]
    [InlineData("-DTEXTS=0", "-DCRASHES=2")]
    [InlineData("-DCLIENTS=2", "-DCRASHES=2")]
    public static void Acknowledged_entries_are_in_the_log_once(params string[] size)
        => Assert.Equal(0, Check(size, ["-DSAFETY", "-DNOCLAIM"], ["-m200000"]));

    [Theory]
    [InlineData("-DTEXTS=0", "-DCRASHES=1")]
    [InlineData("-DCLIENTS=2", "-DCRASHES=2")]
    public static void Every_client_is_served_once_crashes_end(params string[] size)
        => Assert.Equal(0, Check(size, ["-DNFAIR=4"], ["-a", "-f", "-N", "served", "-m400000"]));

    [Theory]
    [InlineData("-DWITHOUT_DUPLICATE")]
    [InlineData("-DWITHOUT_CONFLICT")]
    public static void Model_without_a_rule_fails(string without)
        => Assert.Equal(1, Check(["-DTEXTS=0", "-DCRASHES=2", without], ["-DSAFETY", "-DNOCLAIM"], ["-m200000"]));

    // The errors that the verifier counts.
    private static int Check(string[] size, string[] compile, string[] verify)
    {
        string folder = Directory.CreateTempSubdirectory("hardwarechat-spin").FullName;
        try
        {
            Run("spin", folder, [.. size, "-a", ModelPath()]);
            Run("gcc", folder, ["-O2", "-w", "-DCOLLAPSE", .. compile, "-o", "pan", "pan.c"]);
            string report = Run(Path.Combine(folder, "pan"), folder, verify);
            Assert.DoesNotContain("max search depth too small", report, StringComparison.Ordinal);
            Match errors = Errors().Match(report);
            Assert.True(errors.Success, report);
            return int.Parse(errors.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string program, string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {output}{errors.Result}");
            return output;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed");
            throw;
        }
    }

    private static string ModelPath([CallerFilePath] string thisFile = "")
        => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../docs/models/append.pml"));

    [GeneratedRegex(@"errors: (\d+)")]
    private static partial Regex Errors();
}

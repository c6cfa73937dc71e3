using System.Diagnostics;
using System.Text.Json.Nodes;

namespace HardwareChat.Bench.Mls;

/// <summary>Runs tests/interop/ts-mls-bench.mjs on the same suite and sizes, so that a ratio compares one machine at one time.</summary>
internal static class TsMlsPeer
{
    public static Dictionary<(string Bench, int Members), double> Run(int suite, int[] members)
    {
        string folder = Folder();
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            throw new ArgumentException("the peer is not installed: run `npm ci` in tests/interop");

        var start = new ProcessStartInfo("node", ["ts-mls-bench.mjs", $"{suite}", string.Join(',', members)])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        var rows = new Dictionary<(string, int), double>();
        while (process.StandardOutput.ReadLine() is string line)
        {
            JsonNode row = JsonNode.Parse(line)!;
            rows[((string)row["bench"]!, (int)row["members"]!)] = (double)row["median_ms"]!;
        }

        process.WaitForExit();
        return process.ExitCode == 0 ? rows : throw new InvalidOperationException($"the peer ended with {process.ExitCode}");
    }

    private static string Folder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HardwareChat.sln")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("the bench does not run from a build inside the repository"), "tests", "interop");
    }
}

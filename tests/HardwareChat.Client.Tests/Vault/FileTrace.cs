using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace HardwareChat.Client.Tests;

/// <summary>Every write, truncation, flush and removal that the victim did to its vault's files, in order, as strace saw them; to be stopped after any of them.</summary>
internal sealed partial class FileTrace
{
    private readonly Dictionary<string, byte[]> _before;
    private readonly List<Step> _steps;
    private readonly string _vault;

    private FileTrace(string vault, Dictionary<string, byte[]> before, List<Step> steps)
    {
        _vault = vault;
        _before = before;
        _steps = steps;
    }

    private enum Call
    {
        Write,
        Truncate,
        Flush,
        Remove,
    }

    public static async Task<FileTrace> RecordAsync(VaultFolder folder, RecoveryCode code, int rounds)
    {
        if (!File.Exists("/usr/bin/strace"))
            Assert.Skip("strace is not there");
        string log = folder.Beside("trace");
        Dictionary<string, byte[]> before = new() { [folder.Path] = await File.ReadAllBytesAsync(folder.Path, TestContext.Current.CancellationToken) };
        ProcessStartInfo start = VaultVictim.Start(
            folder.Path, code, rounds, "/usr/bin/strace", "-f", "-qq", "-y", "-xx", "-s", "1000000", "-e", "trace=write,pwrite64,ftruncate,fsync,fdatasync,unlink", "-o", log);
        using (Process victim = Process.Start(start)!)
        {
            string output = await victim.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
            if (victim.ExitCode != 0 && !File.Exists(log))
                Assert.Skip("strace may not trace here");
            Assert.True(victim.ExitCode == 0, output);
        }

        List<Step> steps = [];
        await foreach (string line in File.ReadLinesAsync(log, TestContext.Current.CancellationToken))
        {
            if (Parse(line) is Step step && step.Path.StartsWith(folder.Path, StringComparison.Ordinal))
                steps.Add(step);
        }

        return new FileTrace(folder.Path, before, steps);
    }

    /// <summary>Stops after each step in turn and hands the files, as they then are, to a check; how many times.</summary>
    /// <param name="folder">Where the files are laid.</param>
    /// <param name="isPowerLost">Whether what was not flushed is lost, or only the process died.</param>
    /// <param name="check">Takes the vault's path, and how many transactions had been acknowledged.</param>
    public int Replay(string folder, bool isPowerLost, Action<string, long> check)
    {
        string acknowledged = VaultVictim.AcknowledgedPath(_vault);
        Dictionary<string, byte[]> files = new(_before);
        Dictionary<string, byte[]> flushed = new(_before);
        int checks = 0;
        foreach (Step step in _steps)
        {
            Apply(step, files);
            if (step.Call is Call.Flush or Call.Remove)
                Flush(step, files, flushed);
            if (step.Path == acknowledged)
                continue;
            Directory.CreateDirectory(folder);
            foreach ((string path, byte[] content) in isPowerLost ? flushed : files)
                File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(path)), content);
            check(Path.Combine(folder, Path.GetFileName(_vault)), files.GetValueOrDefault(acknowledged, []).Length);
            Directory.Delete(folder, recursive: true);
            checks++;
        }

        return checks;
    }

    private static void Apply(Step step, Dictionary<string, byte[]> files)
    {
        byte[] content = files.GetValueOrDefault(step.Path, []);
        switch (step.Call)
        {
            case Call.Write:
                int offset = step.Offset < 0 ? content.Length : (int)step.Offset;
                byte[] written = new byte[Math.Max(content.Length, offset + step.Bytes.Length)];
                content.CopyTo(written, 0);
                step.Bytes.CopyTo(written, offset);
                files[step.Path] = written;
                break;
            case Call.Truncate:
                Array.Resize(ref content, (int)step.Offset);
                files[step.Path] = content;
                break;
            case Call.Remove:
                files.Remove(step.Path);
                break;
        }
    }

    private static void Flush(Step step, Dictionary<string, byte[]> files, Dictionary<string, byte[]> flushed)
    {
        if (files.TryGetValue(step.Path, out byte[]? content))
            flushed[step.Path] = content;
        else
            flushed.Remove(step.Path);
    }

    private static Step? Parse(string line)
    {
        Match match = CallLine().Match(line);
        if (!match.Success)
            return null;
        string path = Encoding.UTF8.GetString(Text(match.Groups["path"].Value));
        long Number(string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
        return match.Groups["call"].Value switch
        {
            "write" => new Step(Call.Write, path, Text(match.Groups["data"].Value), -1),
            "pwrite64" => new Step(Call.Write, path, Text(match.Groups["data"].Value), Number("offset")),
            "ftruncate" => new Step(Call.Truncate, path, [], Number("length")),
            "unlink" => new Step(Call.Remove, path, [], 0),
            _ => new Step(Call.Flush, path, [], 0),
        };
    }

    // strace -xx writes strings as \x.., and some versions leave the paths behind descriptors as they are.
    private static byte[] Text(string text)
        => text.StartsWith("\\x", StringComparison.Ordinal) ? Convert.FromHexString(text.Replace("\\x", "", StringComparison.Ordinal)) : Encoding.UTF8.GetBytes(text);

    [GeneratedRegex("""^\d+\s+(?:(?<call>write)\(\d+<(?<path>[^>]*)>, "(?<data>[^"]*)"|(?<call>pwrite64)\(\d+<(?<path>[^>]*)>, "(?<data>[^"]*)", \d+, (?<offset>\d+)|(?<call>ftruncate)\(\d+<(?<path>[^>]*)>, (?<length>\d+)|(?<call>fsync|fdatasync)\(\d+<(?<path>[^>]*)>|(?<call>unlink)\("(?<path>[^"]*)")""", RegexOptions.ExplicitCapture)]
    private static partial Regex CallLine();

    private sealed record Step(Call Call, string Path, byte[] Bytes, long Offset);
}

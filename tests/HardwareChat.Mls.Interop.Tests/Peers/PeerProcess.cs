using System.Diagnostics;
using System.Text.Json.Nodes;

namespace HardwareChat.Mls.Interop.Tests.Peers;

/// <summary>A foreign implementation in a Node process of its own: one JSON object a line in each direction (tests/interop/lines.mjs).</summary>
internal sealed class PeerProcess : IDisposable
{
    // A guard against a peer that hangs, far beyond what any operation here takes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _complaints;

    public PeerProcess(string script)
    {
        string folder = Folder();
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            Assert.Skip("tests/interop/node_modules is not there: run `npm ci` in tests/interop");

        var start = new ProcessStartInfo("node", [script])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Start(start);
        _complaints = _process.StandardError.ReadToEndAsync();
    }

    public JsonObject Call(string operation, JsonObject request)
    {
        request["op"] = operation;
        _process.StandardInput.WriteLine(request.ToJsonString());
        _process.StandardInput.Flush();

        Task<string?> answer = _process.StandardOutput.ReadLineAsync();
        if (!answer.Wait(Patience, TestContext.Current.CancellationToken))
            throw new PeerException($"{operation}: no answer within {Patience}");
        JsonObject line = JsonNode.Parse(answer.Result ?? throw new PeerException($"{operation}: the process ended: {Complaints()}"))!.AsObject();
        if (line["error"] is JsonNode error)
            throw new PeerException($"{operation}: {error}");
        return line["ok"]!.AsObject();
    }

    public void Dispose()
    {
        _process.StandardInput.Close(); // The peer ends with its input.
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private string Complaints() => _complaints.Wait(TimeSpan.FromSeconds(10)) ? _complaints.Result : "";

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("node is not installed");
            throw;
        }
    }

    private static string Folder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HardwareChat.sln")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "tests", "interop");
    }
}

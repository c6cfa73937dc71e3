using System.Diagnostics;
using System.Text.Json.Nodes;

namespace HardwareChat.Mls.Interop.Tests.Peers;

/// <summary>A foreign implementation in a Node process of its own: one JSON object a line in each direction (tests/interop/lines.mjs).</summary>
internal sealed class PeerProcess : IDisposable
{
    // A guard against a peer that hangs, far beyond what any operation here takes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly Task<string> complaints;

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
        process = Start(start);
        complaints = process.StandardError.ReadToEndAsync();
    }

    public JsonObject Call(string operation, JsonObject request)
    {
        request["op"] = operation;
        process.StandardInput.WriteLine(request.ToJsonString());
        process.StandardInput.Flush();

        Task<string?> answer = process.StandardOutput.ReadLineAsync();
        if (!answer.Wait(Patience, TestContext.Current.CancellationToken))
            throw new PeerException($"{operation}: no answer within {Patience}");
        JsonObject line = JsonNode.Parse(answer.Result ?? throw new PeerException($"{operation}: the process ended: {Complaints()}"))!.AsObject();
        if (line["error"] is JsonNode error)
            throw new PeerException($"{operation}: {error}");
        return line["ok"]!.AsObject();
    }

    public void Dispose()
    {
        process.StandardInput.Close(); // The peer ends with its input.
        if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    private string Complaints() => complaints.Wait(TimeSpan.FromSeconds(10)) ? complaints.Result : "";

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

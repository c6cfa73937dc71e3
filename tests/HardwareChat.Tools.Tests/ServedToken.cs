using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tools.Tests;

/// <summary>A simulated token in the reader: "simulate serve" in a process of its own, within the service's network namespace.</summary>
internal sealed partial class ServedToken : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _said;
    private readonly string _slotName;

    private ServedToken(string name, string serial, Process process, string slotName)
    {
        (Name, Serial, _process, _slotName) = (name, serial, process, slotName);
        _said = process.StandardError.ReadToEndAsync();
    }

    public string Name { get; }

    public string Serial { get; }

    public static async Task<ServedToken> StartAsync(ToolProcess tool, VirtualReader reader, string name, int slot, string[] options)
    {
        string port = (VpcdLink.DefaultPort + slot).ToString(CultureInfo.InvariantCulture);
        Process process = tool.StartIn(reader.ServiceProcess, ["simulate", "serve", name, "--vpcd", "localhost:" + port, .. options]);
        string? line = await process.StandardError.ReadLineAsync();
        Match serial = ServingLine().Match(line ?? "");
        if (!serial.Success)
            Assert.Fail($"simulate serve {name}: {line}\n{await process.StandardError.ReadToEndAsync()}");
        var served = new ServedToken(name, serial.Groups[1].Value, process, slot == 0 ? VirtualReader.Name : VirtualReader.SecondName);
        await VirtualReader.WaitAsync(cardPresent: true, served._slotName);
        return served;
    }

    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            await ForeignTool.RunAsync("kill", "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture));
            await _process.WaitForExitAsync();
            Assert.EndsWith($"sim:{Name} is out of the reader.\n", await _said, StringComparison.Ordinal);
        }
        await VirtualReader.WaitAsync(cardPresent: false, _slotName);
    }

    [GeneratedRegex(@"^sim:\S+ \(serial (\d+)\) is in the virtual reader")]
    private static partial Regex ServingLine();
}

using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Wire;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>registry export: the registry as a file that proves itself.</summary>
internal static class RegistryExportCommand
{
    private static readonly Argument<FileInfo> ExportedFile = new("FILE") { Description = "The file to write; it must not exist." };

    public static Command Create()
    {
        var command = new Command("export", "Write the registry of your vault, with evidence and signed head, to a file that \"registry verify FILE\" checks without a connection.") { ExportedFile };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        FileInfo file = parsed.GetRequiredValue(ExportedFile);
        if (file.Exists)
            throw new FailureException(ExitCode.Input, "already-there", $"{PrintableText.Of(file.Name)} is there already; it is left as it is.", "name another file");
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        ulong size = opened.ReadRegistry().Size;
        RegistryExport export = opened.ReadExport();
        await using (FileStream stream = new(file.FullName, FileMode.CreateNew, FileAccess.Write))
            await stream.WriteAsync(TlsWriter.Encode(export), cancellation);
        var report = new RegistryExportReport(file.FullName, export.Registry.ToString(), size);
        opened.Screen.Result(report, ToolsJson.Default.RegistryExportReport, console => console.WriteLine($"{size} statements of the registry {report.Registry} are in {PrintableText.Of(file.FullName)}."));
        opened.Screen.Note("It holds handles, public keys and serial numbers, and no secrets.");
    }
}

/// <summary>What --json prints of an export.</summary>
internal sealed record RegistryExportReport(string File, string Registry, ulong Size);

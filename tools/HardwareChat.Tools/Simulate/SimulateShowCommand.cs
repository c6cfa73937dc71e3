using System.CommandLine;
using System.Security.Cryptography;
using HardwareChat.Tokens.Simulator;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>simulate show NAME: what it is, and the root certificate that its attestations end in.</summary>
internal static class SimulateShowCommand
{
    private static readonly Option<string?> Roots = new("--roots")
    {
        Description = "Write the root's certificate to this file, for \"token attest --verify --roots\".",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        Argument<string> name = SimulateCommand.ExistingName();
        var command = new Command("show", "Show a simulated token; write its attestation root.") { name, Roots };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, parsed.GetRequiredValue(name), cancellation));
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, string name, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        SimulatedCardStore store = SimulateCommand.OpenStore();
        SimulatedTokenReport token = SimulatedTokenReport.Of(store.Describe(name));
        using SimulatedAttestationRoot root = store.OpenRoot();
        string? file = parsed.GetValue(Roots);
        if (file is not null)
            await SmallFile.WriteCertificatesAsync(file, root.Certificate.ExportCertificatePem() + "\n", cancellation);
        var detail = new SimulatedTokenDetail(
            token, SimulatedCardStore.DefaultFolder, root.Certificate.Subject, Convert.ToHexStringLower(root.Certificate.GetCertHash(HashAlgorithmName.SHA256)), file);
        screen.Result(detail, ToolsJson.Default.SimulatedTokenDetail, console =>
        {
            Grid facts = Screen.Facts();
            facts.AddRow(Screen.Cells("Token", token.Token));
            facts.AddRow(Screen.Cells("Serial", $"{token.Serial}"));
            facts.AddRow(Screen.Cells("Firmware", token.Firmware ?? ""));
            facts.AddRow(Screen.Cells("File", (token.IsSealed == true ? "sealed, in " : "not sealed, in ") + detail.Folder));
            facts.AddRow(Screen.Cells("Root", detail.RootName));
            facts.AddRow(Screen.Cells("", "SHA-256 " + detail.RootSha256));
            console.Write(facts);
            if (file is not null)
                screen.Note($"The root's certificate is in {PrintableText.Of(file)}.");
        });
    }
}

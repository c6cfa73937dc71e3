using System.CommandLine;
using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token attest: what the token's maker says of a slot's key, and whether it can be believed.</summary>
internal static class TokenAttestCommand
{
    private static readonly Option<string> Slot = SlotOption.Create("The slot whose key is attested.");
    private static readonly Option<bool> Verify = new("--verify") { Description = "Judge the attestation against --roots." };
    private static readonly Option<bool> AnyPolicy = new("--any-policy") { Description = "Do not ask what PIN and touch the key wants." };

    /// <summary>--roots, as attest and verify take it.</summary>
    public static readonly Option<FileInfo?> Roots = new("--roots")
    {
        Description = "A PEM file with the root certificates that you trust, and the intermediates that you know.",
        HelpName = "PEM",
    };

    private static readonly Option<FileInfo?> Out = new("--out") { Description = "Write the certificates to this file, the slot's first; to standard output if not given and nothing is verified.", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("attest", "Write the attestation of a slot's key; with --verify judge it.") { Slot, Verify, Roots, AnyPolicy, Out };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Verify) && result.GetValue(Roots) is null)
                result.AddError("--verify needs --roots PEM: whom do you trust?");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        PivSlot slot = SlotOption.Of(parsed, Slot);
        TrustAnchors? anchors = parsed.GetValue(Verify) ? await AttestationChain.ReadRootsAsync(parsed.GetRequiredValue(Roots)!, cancellation) : null;
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        IReadOnlyList<byte[]> chain = await AttestationChain.ReadAsync(token.Face, slot, cancellation);
        AttestedKey? attested = anchors is null ? null : AttestationChain.Verify(
            chain, anchors, AttestationChain.RequirementOf(slot, parsed.GetValue(AnyPolicy)) with { Serial = token.Info.Serial });

        string pem = string.Concat(chain.Select(certificate => PemEncoding.WriteString("CERTIFICATE", certificate) + "\n"));
        FileInfo? file = parsed.GetValue(Out);
        if (file is not null)
            await SmallFile.WriteCertificatesAsync(file.FullName, pem, cancellation);
        var report = new AttestReport(
            token.Name,
            slot.ToString(),
            TokenId.OfSpki(AttestationCertificate.Parse(chain[0]).SubjectPublicKeyInfo.Span).ToString(),
            file?.FullName,
            attested is null ? null : AttestedReport.Of(attested, slot));
        screen.Result(report, ToolsJson.Default.AttestReport, console =>
        {
            if (attested is not null)
                Draw(console, report.Attested!, report.TokenId!);
            else if (file is null)
                console.Profile.Out.Writer.Write(pem);
            if (file is not null)
                screen.Note($"The certificates are in {PrintableText.Of(file.Name)}.");
        });
    }

    /// <summary>Draws what an attestation proves.</summary>
    public static void Draw(IAnsiConsole console, AttestedReport attested, string tokenId)
    {
        console.WriteLine("The attestation holds.");
        Grid facts = Screen.Facts();
        facts.AddRow(Screen.Cells("Key", tokenId));
        facts.AddRow(Screen.Cells("Slot", attested.Slot));
        facts.AddRow(Screen.Cells("Serial", attested.Serial?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "not stated"));
        facts.AddRow(Screen.Cells("Firmware", attested.Firmware ?? "not stated"));
        facts.AddRow(Screen.Cells("PIN", attested.PinPolicy ?? "not stated"));
        facts.AddRow(Screen.Cells("Touch", attested.TouchPolicy ?? "not stated"));
        facts.AddRow(Screen.Cells("Root", attested.RootName + (attested.RootIsKnown ? "" : " (a root that we do not know)")));
        facts.AddRow(Screen.Cells("", "SHA-256 " + attested.RootSha256));
        console.Write(facts);
    }
}

using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token info: what a token is, what it holds, what each key demands. Costs no try and no touch.</summary>
internal static class TokenInfoCommand
{
    private static readonly PivSlot[] Shown = [PivSlot.Authentication, PivSlot.Signature, PivSlot.KeyManagement, PivSlot.CardAuthentication];

    public static Command Create()
    {
        var command = new Command("info", "Show a token: tries left, keys, what each demands, certificates.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        PinState pin = await token.Face.GetPinStateAsync(cancellation);
        PukState puk = await token.Face.GetPukStateAsync(cancellation);
        ManagementKeyMetadata management = await token.Face.GetManagementKeyMetadataAsync(cancellation);
        var slots = new List<SlotReport>();
        foreach (PivSlot slot in Shown)
            slots.Add(await ReadAsync(token.Face, slot, cancellation));
        var report = new TokenInfoReport(
            TokenReport.Of(token), pin.RetriesLeft, pin.IsDefault, puk.RetriesLeft, puk.IsDefault, management.Algorithm.ToString(), management.IsDefault, management.IsStored, slots);
        screen.Result(report, ToolsJson.Default.TokenInfoReport, console => Draw(console, report));
    }

    private static async Task<SlotReport> ReadAsync(IToken token, PivSlot slot, CancellationToken cancellation)
    {
        SlotMetadata? key = null;
        bool unknown = false;
        try
        {
            key = await token.GetMetadataAsync(slot, cancellation);
        }
        catch (FirmwareTooOldException)
        {
            unknown = true;
        }
        using X509Certificate2? certificate = await token.GetCertificateAsync(slot, cancellation);
        if (key is null)
            return new SlotReport(slot.ToString(), unknown ? "unknown" : null, null, null, null, null, certificate?.Subject, NotAfter(certificate));
        return new SlotReport(
            slot.ToString(),
            KeyAlgorithm.NameOf(key.Algorithm),
            key.PinPolicy.ToString().ToLowerInvariant(),
            key.TouchPolicy.ToString().ToLowerInvariant(),
            key.IsGenerated,
            TokenId.OfSpki(key.PublicKey.SubjectPublicKeyInfo.Span).ToString(),
            certificate?.Subject,
            NotAfter(certificate));
    }

    private static DateTimeOffset? NotAfter(X509Certificate2? certificate) => certificate is null ? null : new DateTimeOffset(certificate.NotAfter.ToUniversalTime());

    private static void Draw(IAnsiConsole console, TokenInfoReport report)
    {
        Grid facts = Screen.Facts();
        facts.AddRow(Screen.Cells("Token", report.Token.Token + (report.Token.Simulated ? " (simulated)" : "")));
        if (report.Token.Nickname is { } nickname)
            facts.AddRow(Screen.Cells("Name", nickname));
        facts.AddRow(Screen.Cells("Serial", report.Token.Serial?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"));
        facts.AddRow(Screen.Cells("Firmware", report.Token.Firmware ?? "unknown"));
        facts.AddRow(Screen.Cells("Reader", report.Token.Reader ?? ""));
        facts.AddRow(Screen.Cells("PIV PIN", Tries(report.PinTriesLeft, report.PinIsDefault, "verified")));
        facts.AddRow(Screen.Cells("PUK", Tries(report.PukTriesLeft, report.PukIsDefault, "not told by this firmware")));
        facts.AddRow(Screen.Cells("Management key", report.ManagementKeyAlgorithm + ManagementKey(report)));
        console.Write(facts);
        console.WriteLine();
        Table table = Screen.Table("Slot", "Key", "PIN", "Touch", "Born here", "Id", "Certificate");
        foreach (SlotReport slot in report.Slots)
        {
            table.AddRow(Screen.Cells(
                slot.Slot,
                slot.Algorithm ?? "empty",
                slot.PinPolicy ?? "",
                slot.TouchPolicy ?? "",
                slot.Generated switch { true => "yes", false => "no: imported", null => "" },
                slot.TokenId?[..16] ?? "",
                slot.CertificateSubject ?? ""));
        }
        console.Write(table);
    }

    private static string Tries(int? left, bool? isDefault, string otherwise)
        => (left is { } tries ? tries == 0 ? "blocked" : $"{tries} {(tries == 1 ? "try" : "tries")} left" : otherwise)
        + (isDefault == true ? ", still the factory's" : "");

    private static string ManagementKey(TokenInfoReport report)
        => report.ManagementKeyIsStored == true ? ", kept in the token behind the PIN" : report.ManagementKeyIsDefault == true ? ", still the factory's" : "";
}

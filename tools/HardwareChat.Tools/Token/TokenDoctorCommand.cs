using System.CommandLine;
using HardwareChat.Attestation;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token doctor: each step on the way to a token, what is wrong with the first that fails, and what to do about it.</summary>
internal static class TokenDoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Find out why a token cannot be used.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        var findings = new List<FindingReport>();
        AddSurroundings(findings);
        ExitCode end = await AddTokensAsync(parsed, screen, findings, cancellation);
        var report = new DoctorReport(end == ExitCode.Done, findings);
        screen.Result(report, ToolsJson.Default.DoctorReport, console =>
        {
            foreach (FindingReport finding in findings)
            {
                string colour = finding.Verdict switch { "ok" => "green", "bad" => "red", _ => "yellow" };
                console.MarkupLineInterpolated($"[{colour}]{finding.Verdict,-5}[/] {finding.Check}: {finding.Message}");
                foreach (string hint in finding.Hints)
                    console.WriteLine("      " + hint.ReplaceLineEndings("\n      "));
            }
        });
        return (int)end;
    }

    private static void AddSurroundings(List<FindingReport> findings)
    {
        if (Machine.IsWsl)
            findings.Add(new FindingReport("machine", "note", "this is WSL, which sees no USB device by itself.", ["use the Windows build, or: usbipd attach --wsl --busid ID, then restart pcscd"]));
        if (Machine.IsContainer)
            findings.Add(new FindingReport("machine", "note", "this is a container.", [$"pass {Machine.ServiceSocket} into it, or the USB device"]));
        if (Machine.IsSsh)
            findings.Add(new FindingReport("machine", "note", "this is a session over SSH: the token must be in this machine, not in yours.", []));
        if (Machine.YubiKeysOnUsb() is { } keys)
            findings.Add(new FindingReport("usb", keys > 0 ? "ok" : "note", keys == 0 ? "no YubiKey on the USB bus." : $"{keys} YubiKey(s) on the USB bus.", []));
        if (Machine.GpgLeavesReaders() == false)
        {
            findings.Add(new FindingReport(
                "gnupg", "note", "GnuPG's scdaemon may talk to readers behind pcscd's back.", ["add the line disable-ccid to ~/.gnupg/scdaemon.conf", "when it holds the token: gpgconf --kill scdaemon"]));
        }
    }

    private static async Task<ExitCode> AddTokensAsync(ParseResult parsed, Screen screen, List<FindingReport> findings, CancellationToken cancellation)
    {
        bool simulated = parsed.GetValue(TokenOptions.Token) is { } name && name.StartsWith("sim:", StringComparison.Ordinal);
        try
        {
            if (!simulated)
            {
                IReadOnlyList<TokenInfo> tokens = await TokenDrivers.Of(parsed).ListAsync(cancellation);
                findings.Add(new FindingReport("service", "ok", "the smart-card service answers.", []));
                foreach (TokenInfo broken in tokens.Where(token => token.Problem is not null))
                    findings.Add(new FindingReport("reader", "bad", $"{PrintableText.Of(broken.Reader)}: {PrintableText.Of(broken.Problem!.Message)}", [broken.Problem.Hint]));
            }
            await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
            findings.Add(new FindingReport("token", "ok", $"{token.Spoken}, firmware {token.Info.Firmware?.ToString() ?? "unknown: no YubiKey"}.", []));
            await AddPinAsync(token, findings, cancellation);
            await AddKeyAsync(token, PivSlot.Authentication, findings, cancellation);
            await AddKeyAsync(token, PivSlot.KeyManagement, findings, cancellation);
            return ExitCode.Done;
        }
        catch (Exception trouble) when (trouble is TokenException or FailureException)
        {
            FailureException failure = FailureWords.Of(trouble, false);
            string[] rule = failure.Code == "not-authorised" ? [Machine.PolkitRule(Environment.UserName)] : [];
            findings.Add(new FindingReport("token", "bad", failure.Message, [.. failure.Hints, .. rule]));
            return failure.Exit;
        }
    }

    private static async Task AddPinAsync(OpenedToken token, List<FindingReport> findings, CancellationToken cancellation)
    {
        PinState pin = await token.Face.GetPinStateAsync(cancellation);
        if (pin.IsBlocked)
            throw FailureWords.Blocked(PinKind.Pin);
        findings.Add(pin switch
        {
            { IsDefault: true } => new FindingReport("pin", "note", "still the factory's.", ["hwchat-tools token init sets your own"]),
            { RetriesLeft: 1 } => new FindingReport("pin", "note", "one try left.", ["look the PIN up before you try it; the PUK unblocks it"]),
            _ => new FindingReport("pin", "ok", pin.RetriesLeft is { } tries ? $"{tries} tries left." : "given.", []),
        });
    }

    private static async Task AddKeyAsync(OpenedToken token, PivSlot slot, List<FindingReport> findings, CancellationToken cancellation)
    {
        try
        {
            SlotMetadata? key = await token.Face.GetMetadataAsync(slot, cancellation);
            findings.Add(key switch
            {
                null => new FindingReport(slot.ToString(), "note", "no key.", ["hwchat-tools token init makes one"]),
                { IsGenerated: false } => new FindingReport(slot.ToString(), "note", "the key was imported, so nothing can attest it.", ["hwchat-tools token init --slot " + slot + " makes one in the token"]),
                { TouchPolicy: not TouchPolicy.Always } when slot == PivSlot.Authentication => new FindingReport(
                    slot.ToString(), "note", "the key does not want a touch each time; communities refuse it.", ["hwchat-tools token init --slot 9A makes one that does"]),
                _ => new FindingReport(slot.ToString(), "ok", $"{KeyAlgorithm.NameOf(key.Algorithm)}, PIN {key.PinPolicy.ToString().ToLowerInvariant()}, touch {key.TouchPolicy.ToString().ToLowerInvariant()}.", []),
            });
        }
        catch (FirmwareTooOldException old)
        {
            findings.Add(new FindingReport(slot.ToString(), "note", PrintableText.Of(old.Message), [old.Hint]));
        }
    }
}

using System.CommandLine;
using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Protocol;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>policy: what the community asks of tokens, touches and people.</summary>
internal static class PolicyCommand
{
    private static readonly FirmwareVersion SoundEcdsa = new(5, 7, 0);

    private static readonly Option<string?> Firmware = new("--minimum-firmware") { Description = "The oldest firmware that may be enrolled.", HelpName = "X.Y.Z" };
    private static readonly Option<ulong?> Session = new("--session-hours") { Description = "For how long a touch lasts." };
    private static readonly Option<ulong?> Entry = new("--room-entry-minutes") { Description = "For how long after a touch it opens rooms." };
    private static readonly Option<ulong?> KeyPackages = new("--key-package-days") { Description = "For how long after a touch others may add its session to rooms." };
    private static readonly Option<string?> Inviters = new("--inviters") { Description = "Who may invite: admins or members." };
    private static readonly Option<string?> Openers = new("--room-openers") { Description = "Who may open rooms: admins or members." };
    private static readonly Option<FileInfo?> AddRoots = new("--add-roots") { Description = "PEM file of attestation roots whose tokens may enrol too.", HelpName = "FILE" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Change without asking." };

    public static Command Create()
    {
        var show = new Command("show", "Show the policy as your vault has read it.");
        CommunityOptions.AddTo(show);
        show.SetAction(ShowAsync);
        Inviters.AcceptOnlyFromAmong("admins", "members");
        Openers.AcceptOnlyFromAmong("admins", "members");
        Firmware.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && VersionOf(text) is null)
                result.AddError("--minimum-firmware takes a version such as 5.7.0.");
        });
        var set = new Command("set", "Change the policy; what is not named stays. It judges what comes after it: who is enrolled stays enrolled.") { Firmware, Session, Entry, KeyPackages, Inviters, Openers, AddRoots, Yes };
        set.Validators.Add(static result =>
        {
            if (!((Option[])[Firmware, Session, Entry, KeyPackages, Inviters, Openers, AddRoots]).Any(option => result.GetResult(option) is not null))
                result.AddError("Nothing is named that should change.");
        });
        CommunityOptions.AddTo(set);
        set.SetAction(SetAsync);
        return new Command("policy", "What the community asks of tokens, touches and people.") { show, set };
    }

    private static async Task ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        Show(opened.Screen, opened.ReadRegistry().Policy);
    }

    private static async Task SetAsync(ParseResult parsed, CancellationToken cancellation)
    {
        IReadOnlyList<byte[]> added = parsed.GetValue(AddRoots) is { } file
            ? [.. (await AttestationChain.ReadRootsAsync(file, cancellation)).Roots.Select(static root => root.Encoded.ToArray())]
            : [];
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        ChatClient client = await opened.ConnectAsync(cancellation);
        CommunityOptions.RequireAdmin(client);
        RegistryPolicy policy = Changed(parsed, client.Registry.Policy, added);
        if (policy.Fault is { } fault)
            throw new FailureException(ExitCode.Usage, "policy-refused", $"the protocol does not allow that: {fault}.");
        if (policy.Threshold > 1)
            throw new FailureException(ExitCode.Refused, "threshold", $"this community's policy is changed by {policy.Threshold} admins together, which hwchat-tools cannot do.");
        if (policy.MinimumFirmware < SoundEcdsa)
            opened.Screen.Warning("before firmware 5.7.0 a laboratory that has a token can read its ECDSA keys out (YSA-2024-03): such tokens may enrol.");
        PolicyReport before = PolicyReport.Of(client.Registry.Policy);
        foreach (((string fact, string value), (_, string was)) in PolicyReport.Of(policy).Facts.Zip(before.Facts).Skip(1).Where(static pair => pair.First.Value != pair.Second.Value))
            opened.Screen.Note($"{fact}: {was} -> {value}");
        foreach (string root in PolicyReport.Of(policy).AttestationRoots.Skip(before.AttestationRoots.Count))
            opened.Screen.Note($"attestation root added: {root}");
        await Question.AgreeAsync(opened.Screen, parsed.GetValue(Yes), "This changes the policy for everybody.", "--yes", cancellation);
        opened.TouchIsFor("to change the policy");
        await client.ChangePolicyAsync(policy).WaitAsync(cancellation);
        Show(opened.Screen, client.Registry.Policy);
    }

    private static RegistryPolicy Changed(ParseResult parsed, RegistryPolicy now, IReadOnlyList<byte[]> added) => new()
    {
        Version = now.Version + 1,
        AttestationRoots = [.. now.AttestationRoots, .. added.Where(root => !now.AttestationRoots.Any(known => known.AsSpan().SequenceEqual(root)))],
        MinimumFirmware = parsed.GetValue(Firmware) is { } firmware ? VersionOf(firmware)!.Value : now.MinimumFirmware,
        Pin = now.Pin,
        Touch = now.Touch,
        Evidence = now.Evidence,
        SessionLifetime = Seconds(parsed.GetValue(Session), 3600) ?? now.SessionLifetime,
        RoomEntry = Seconds(parsed.GetValue(Entry), 60) ?? now.RoomEntry,
        KeyPackageLifetime = Seconds(parsed.GetValue(KeyPackages), 24 * 3600) ?? now.KeyPackageLifetime,
        Threshold = now.Threshold,
        Inviters = WhoOf(parsed.GetValue(Inviters)) ?? now.Inviters,
        RoomOpeners = WhoOf(parsed.GetValue(Openers)) ?? now.RoomOpeners,
    };

    // What is too much to be counted is too much for the policy, which says so.
    private static ulong? Seconds(ulong? count, ulong unit) => count is null ? null : count > ulong.MaxValue / unit ? ulong.MaxValue : count * unit;

    private static Who? WhoOf(string? text) => text is null ? null : Enum.Parse<Who>(text, ignoreCase: true);

    private static FirmwareVersion? VersionOf(string text)
    {
        string[] parts = text.Split('.');
        return parts.Length == 3
            && byte.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out byte major)
            && byte.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out byte minor)
            && byte.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out byte patch)
            ? new FirmwareVersion(major, minor, patch)
            : null;
    }

    private static void Show(Screen screen, RegistryPolicy policy)
    {
        PolicyReport report = PolicyReport.Of(policy);
        screen.Result(report, ToolsJson.Default.PolicyReport, console =>
        {
            Grid facts = Screen.Facts();
            foreach ((string fact, string value) in report.Facts)
                facts.AddRow(Screen.Cells(fact, value));
            console.Write(facts);
        });
    }
}

using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using HardwareChat.Client;
using HardwareChat.Client.Attachments;
using HardwareChat.Protocol;

namespace HardwareChat.Tools;

/// <summary>relay check: every step of the way to a relay, and what each would say of a proxy in between.</summary>
internal static class RelayCheckCommand
{
    private const int Pings = 5;
    private static readonly TimeSpan ClockWarning = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Argument<string?> Address = new("ADDRESS") { Description = "A relay's address, to see whether one answers there; without it, your community's, with all that a member can see.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create()
    {
        var command = new Command("check", "Find out whether a relay can be reached, is the right one, and serves: address, WebSocket, handshake, fingerprint, clock, registry, files.") { Address };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var findings = new Findings();
        var screen = new Screen(parsed);
        string? fingerprint = null;
        using HttpClient http = HttpBlobTransfer.CreateHttp();
        http.Timeout = Patience;
        if (parsed.GetValue(Address) is { } text)
        {
            await FromOutsideAsync(http, AddressOf(text), findings, cancellation);
        }
        else
        {
            await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
            CommunityPin community = opened.Community;
            if (await FromOutsideAsync(http, community.Address, findings, cancellation))
                fingerprint = await AsMemberAsync(http, opened, findings, cancellation);
        }
        screen.Result(new RelayCheckReport(findings.End == ExitCode.Done, fingerprint, findings.All), ToolsJson.Default.RelayCheckReport, console => findings.Draw(console));
        return (int)findings.End;
    }

    private static Uri AddressOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
        ? address
        : throw new FailureException(ExitCode.Usage, "not-an-address", $"\"{PrintableText.Of(text)}\" is no address of a relay.", "it begins with https://");

    // What anybody can see, who is told nothing and tells nothing.
    private static async Task<bool> FromOutsideAsync(HttpClient http, Uri address, Findings findings, CancellationToken cancellation)
    {
        Uri root = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
        try
        {
            using HttpResponseMessage ready = await http.GetAsync(new Uri(root, "readyz"), cancellation);
            if (ready.StatusCode == HttpStatusCode.OK)
                findings.Ok("http", $"{root.Authority} answers, and is ready.");
            else if (ready.StatusCode == HttpStatusCode.ServiceUnavailable)
                findings.Note("http", "not-ready", $"{root.Authority} answers, and is not ready: it drains, or its store is damaged or full.", "its log says why; docs/OPERATIONS.md, \"The relay\"");
            else
                findings.Note("http", "no-readiness", $"{root.Authority} answers {(int)ready.StatusCode} where a relay says whether it is ready.", "a proxy that passes on only some paths may keep that to itself");
        }
        catch (Exception unanswered) when (unanswered is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            findings.Bad("http", new FailureException(ExitCode.NoRelay, "relay-unreachable", $"nothing answers at {root.Authority}.", unanswered, "see that the relay runs, and that this machine reaches its address"));
            return false;
        }
        try
        {
            await RelayConnection.ProbeAsync(address, cancellation);
            findings.Ok("websocket", $"it speaks {Subprotocol.Current}, and nothing in between holds WebSocket up.");
            return true;
        }
        catch (ConnectionException refused)
        {
            findings.Bad("websocket", FailureWords.Of(refused, false));
            return false;
        }
    }

    private static async Task<string?> AsMemberAsync(HttpClient http, OpenedVault opened, Findings findings, CancellationToken cancellation)
    {
        ChatClient client;
        try
        {
            client = await opened.ConnectAsync(cancellation);
        }
        catch (Exception refused) when (refused is ConnectionException or CommunityException)
        {
            findings.Bad("channel", FailureWords.Of(refused, false));
            return null;
        }
        string fingerprint = RelayId.OfKey(client.Registry.RelayKey.ToArray()).ToString();
        findings.Ok("channel", $"it proved to be this community's relay, fingerprint {fingerprint}.");
        if (client.RelayAhead.Duration() > ClockWarning)
            findings.Note("clock", "clock-differs", $"its clock is {Math.Abs(client.RelayAhead.TotalSeconds):0} s {(client.RelayAhead > TimeSpan.Zero ? "ahead of" : "behind")} this computer's.", "set whichever is wrong: touches and invites are dated");
        else
            findings.Ok("clock", "its clock and this computer's agree.");
        RegistryState state = client.Registry;
        findings.Ok("registry", $"{state.Size} statements, verified and signed, root {state.Root.ToString()[..16]}.");
        var times = new List<TimeSpan>();
        for (int i = 0; i < Pings; i++)
            times.Add(await client.PingAsync().WaitAsync(cancellation));
        findings.Ok("latency", string.Create(CultureInfo.InvariantCulture, $"it answers within {times.Order().ElementAt(Pings / 2).TotalMilliseconds:0.0} ms."));
        await CheckBlobsAsync(http, opened.Community, findings, cancellation);
        return fingerprint;
    }

    // A relay says 404 of a blob that nobody has. What a proxy says that does not pass the path on is often the same; what it says of a method that it forbids is not.
    private static async Task CheckBlobsAsync(HttpClient http, CommunityPin community, Findings findings, CancellationToken cancellation)
    {
        Uri blob = new RelayEndpoint(community.Address, community.Registry, static (_, _) => false).Blob(new Digest(RandomNumberGenerator.GetBytes(Digest.Size)));
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Head, HttpMethod.Put])
        {
            using var request = new HttpRequestMessage(method, blob);
            using HttpResponseMessage answer = await http.SendAsync(request, cancellation);
            if (answer.StatusCode == HttpStatusCode.NotFound)
                continue;
            findings.Note("files", "files-held-up", $"{method} of a file that nobody has is answered {(int)answer.StatusCode} instead of 404.", "a proxy in between must pass /blobs/ on, with HEAD, GET and PUT");
            return;
        }
        findings.Ok("files", "HEAD and PUT of files reach it.");
    }
}

/// <summary>What --json prints of a relay.</summary>
internal sealed record RelayCheckReport(bool Healthy, string? Fingerprint, IReadOnlyList<FindingReport> Findings);

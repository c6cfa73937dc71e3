using System.Globalization;
using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tools.Tests;

//   @env NAME=VALUE              for the runs that follow; {home} is the home directory
//   @file NAME TEXT              a file in the home directory, \n for a line feed
//   @os PROGRAM ARGUMENTS        a program of somebody else's, in the home directory; it must succeed
//   @fill NAME BYTES             a file of so many zeros
//   @service none|refusing|closed  what the runs meet instead of a smart-card service
//   @hide PATH                   what stands there is not there for the runs that follow
//   @user NUMBER                 the runs that follow are another user's
//   @serve NAME [OPTIONS]        the simulated token NAME becomes a card in the reader, until the end or @pull
//   @pull NAME                   it is taken out
//   @card WHAT, @remove          another card in the reader: StrangeCard
//   @touch NAME                  a finger that waits for the next run to want a touch
//   @hold, @release              another program keeps the card for itself
//   @token NAME [bot]            a simulated token with keys and the factory's PIN; a bot's wants no touch
//   @relay [NAME]                a relay that has no community yet; {setup}, or {NAME-setup}, is its setup link, and {address} its address
//   @stop, @start                the relay ends, and comes back with the same data and address
//   @cut LINK                    {LINK-cut} is the link {LINK} through a wire that is cut when the relay has answered a statement
//   @web                         {web} is the address of a web server that knows nothing of WebSocket

/// <summary>What is around the tool in a script: a home, environment, a smart-card service, cards in its reader.</summary>
internal sealed class Surroundings(VirtualReader? reader) : IAsyncDisposable
{
    private readonly List<ServedToken> _served = [];
    private readonly Dictionary<string, string> _serials = [];
    private readonly List<RefusingService> _services = [];
    private readonly List<IAsyncDisposable> _network = [];
    private LocalRelay? _relay;
    private CardHolder? _holder;
    private StrangeCard? _stranger;
    private Task<ToolResult>? _touch;

    public ToolProcess Tool { get; } = new(reader is null ? null : VirtualReader.ServiceSocket);

    /// <summary>Whether simulated tokens are used as cards in a reader.</summary>
    public bool HasReader => reader is not null;

    /// <summary>Whether each simulated token becomes a card in the reader as soon as it is made.</summary>
    public bool ServesAll { get; init; }

    /// <summary>What a script has been told by name, such as a link.</summary>
    public Dictionary<string, string> Told { get; } = [];

    /// <summary>The line, with what was told, and the name that a token has behind the reader.</summary>
    public string Reword(string line)
    {
        foreach ((string name, string value) in Told)
            line = line.Replace($"{{{name}}}", value, StringComparison.Ordinal);
        if (!ServesAll)
            return line;
        foreach ((string name, string serial) in _serials)
            line = line.Replace($"sim:{name} (serial {serial})", $"sim:{name}", StringComparison.Ordinal).Replace($"sim:{name}", $"serial:{serial}", StringComparison.Ordinal);
        return line;
    }

    /// <summary>Does what a line that begins with @ says.</summary>
    public async Task PrepareAsync(string line)
    {
        string[] words = TextScript.Words(line.Replace("{home}", Tool.Home, StringComparison.Ordinal));
        switch (words[0])
        {
            case "@env":
                string[] sides = line.Replace("{home}", Tool.Home, StringComparison.Ordinal)["@env ".Length..].Split('=', 2);
                Tool.Environment[sides[0]] = sides[1];
                break;
            case "@file":
                string[] parts = line.Split(' ', 3);
                await File.WriteAllTextAsync(Path.Combine(Tool.Home, parts[1]), parts[2].Replace("\\n", "\n", StringComparison.Ordinal));
                break;
            case "@fill":
                await using (FileStream file = File.Create(Path.Combine(Tool.Home, words[1])))
                    file.SetLength(long.Parse(words[2], CultureInfo.InvariantCulture));
                break;
            case "@os":
                if (ForeignTool.Find(words[1]) is null)
                    Assert.Skip($"{words[1]} is not installed");
                await ForeignTool.RunAsync("env", ["-C", Tool.Home, .. words[1..]]);
                break;
            case "@service":
                await UseServiceAsync(words[1]);
                break;
            case "@hide":
                Tool.Hide(words[1]);
                break;
            case "@user":
                Tool.BecomeUser(words[1]);
                break;
            case "@serve":
                await ServeAsync(words[1], words[2..]);
                break;
            case "@pull":
                ServedToken pulled = _served.Single(served => served.Name == words[1]);
                _served.Remove(pulled);
                await pulled.DisposeAsync();
                break;
            case "@card":
                _stranger = await StrangeCard.InsertAsync(Reader(), words[1]);
                break;
            case "@remove":
                await _stranger!.DisposeAsync();
                _stranger = null;
                break;
            case "@touch":
                _touch = Tool.RunAsync("", "simulate", "touch", words[1], "--wait", "60");
                break;
            case "@token":
                LocalToken.Make(Tool, words[1], isBot: words is [_, _, "bot"]);
                break;
            case "@relay":
                _relay = await LocalRelay.StartAsync(Path.Combine(Tool.Home, $"relay-{words.ElementAtOrDefault(1)}"));
                _network.Add(_relay);
                Told[words is [_, var relay] ? $"{relay}-setup" : "setup"] = _relay.SetupLink;
                Told["address"] = _relay.Address.AbsoluteUri;
                break;
            case "@stop":
                await _relay!.StopAsync();
                break;
            case "@start":
                await _relay!.StartAsync();
                break;
            case "@cut":
                var wire = new CutWire(_relay!.Address.Port);
                _network.Add(wire);
                Told[$"{words[1]}-cut"] = Told[words[1]].Replace($":{_relay.Address.Port}/", $":{wire.Port}/", StringComparison.Ordinal);
                break;
            case "@web":
                PlainWeb web = await PlainWeb.StartAsync();
                _network.Add(web);
                Told["web"] = web.Address;
                break;
            case "@hold":
                _holder = CardHolder.Take(VirtualReader.Name);
                break;
            case "@release":
                _holder!.Dispose();
                _holder = null;
                break;
            default:
                throw new FormatException(line);
        }
    }

    /// <summary>Does what follows from a run.</summary>
    public async Task AfterAsync(string[] arguments, int exitCode)
    {
        if (_touch is not null)
        {
            ToolResult touch = await _touch;
            _touch = null;
            Assert.True(touch.ExitCode == 0, $"the touch was not wanted: {touch.Error}");
        }
        if (ServesAll && exitCode == 0 && arguments is ["simulate", "create", string name, ..])
            await ServeAsync(name, ["--auto-touch"]);
    }

    public async ValueTask DisposeAsync()
    {
        _holder?.Dispose();
        if (_stranger is not null)
            await _stranger.DisposeAsync();
        foreach (ServedToken served in _served)
            await served.DisposeAsync();
        foreach (RefusingService service in _services)
            await service.DisposeAsync();
        foreach (IAsyncDisposable other in _network)
            await other.DisposeAsync();
        Tool.Dispose();
    }

    private async Task ServeAsync(string name, string[] options)
    {
        int slot = _served.Count;
        ServedToken served = await ServedToken.StartAsync(Tool, Reader(), name, slot, options);
        _served.Add(served);
        if (ServesAll)
            _serials[name] = served.Serial;
    }

    private VirtualReader Reader()
    {
        Assert.NotNull(reader);
        return reader;
    }

    private async Task UseServiceAsync(string kind)
    {
        string socket = Path.Combine(Tool.Home, "pcscd.comm");
        switch (kind)
        {
            case "none":
                break;
            case "refusing":
                _services.Add(new RefusingService(socket));
                break;
            case "closed":
                _services.Add(new RefusingService(socket));
                await ForeignTool.RunAsync("chmod", "600", socket);
                break;
            default:
                throw new FormatException(kind);
        }
        Tool.Environment["PCSCLITE_CSOCK_NAME"] = socket;
    }
}

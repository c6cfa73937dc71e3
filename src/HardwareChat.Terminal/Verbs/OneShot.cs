using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using HardwareChat.Client;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Json;
using HardwareChat.Terminal.Plain;
using HardwareChat.Terminal.Profiles;
using HardwareChat.Terminal.Programs;
using HardwareChat.Tokens;

namespace HardwareChat.Terminal.Verbs;

// Standard output has the result and nothing else; what a person should know meanwhile, and what went wrong, goes to standard error.

/// <summary>One verb over an open vault, from its opening to its exit code.</summary>
internal sealed class OneShot : IProfileFace
{
    private readonly int? _pinDescriptor;
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<RoomId, Handle> _invitations = [];
    private ChatClient? _client;

    private OneShot(ParseResult parsed, CancellationToken interrupted)
    {
        Parsed = parsed;
        Interrupted = interrupted;
        IsJson = parsed.GetValue(VerbOptions.Json);
        _pinDescriptor = parsed.GetValue(ProfileOptions.Pin);
    }

    /// <summary>The command line.</summary>
    public ParseResult Parsed { get; }

    /// <summary>Set by a signal.</summary>
    public CancellationToken Interrupted { get; }

    /// <summary>Whether the result is JSON.</summary>
    public bool IsJson { get; }

    /// <summary>The engine.</summary>
    public ChatClient Client => _client!;

    /// <summary>What lines say of the vault's content.</summary>
    public EventForm Form => new(Client.Handle ?? default, handle => Client.Registry.User(handle)?.Role == Role.Bot);

    /// <summary>Runs a verb.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(ParseResult parsed, Func<OneShot, Task<int>> verb, CancellationToken interrupted)
    {
        var run = new OneShot(parsed, interrupted);
        try
        {
            return await run.RunAsync(verb);
        }
        catch (OutputClosedException)
        {
            return ExitCode.PipeClosed;
        }
        catch (Exception) when (interrupted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception failure)
        {
            return run.Fail(ProgramException.Of(failure), failure);
        }
    }

    /// <summary>Connects, and reads a room to its end if one is given. Without a connection, what the vault has is shown.</summary>
    /// <returns>The exit code of a verb that only shows: done, or that there is no connection.</returns>
    public async Task<int> TryConnectAsync(RoomId? room = null)
    {
        if (Parsed.GetValue(VerbOptions.Offline))
            return ExitCode.Done;
        try
        {
            await ConnectAsync(room);
            return ExitCode.Done;
        }
        catch (Exception failure) when (ProgramException.Of(failure) is { } offline && (offline.Code == FailureCode.Offline || offline.Code == FailureCode.RelayBusy))
        {
            Say($"warning: {offline.Message}; this is what the vault has");
            return ExitCode.NoRelay;
        }
    }

    /// <summary>Connects, and reads a room to its end if one is given.</summary>
    public async Task ConnectAsync(RoomId? room = null)
    {
        await Client.ConnectAsync().WaitAsync(Interrupted);
        if (room is { } id && Client.Rooms.Any(stored => stored.Id == id && stored.Standing is RoomStanding.Joined or RoomStanding.Entering))
            await Client.CatchUpAsync(id).WaitAsync(Interrupted);
    }

    /// <summary>The room that the command line names. A title that the vault does not know yet may be one that came meanwhile.</summary>
    /// <exception cref="ProgramException">None, or more than one.</exception>
    public async Task<StoredRoom> RoomNamedAsync()
    {
        string name = Parsed.GetRequiredValue(VerbOptions.Room);
        try
        {
            return RoomNamed(name);
        }
        catch (ProgramException unknown) when (unknown.Code == FailureCode.RoomUnknown && !Parsed.GetValue(VerbOptions.Offline))
        {
            if (await TryConnectAsync() != ExitCode.Done)
                throw;
            await CatchUpAsync();
            return RoomNamed(name);
        }
    }

    /// <summary>Reads every room to its end.</summary>
    public async Task CatchUpAsync()
    {
        foreach (StoredRoom room in Client.Rooms)
        {
            if (room.Standing is RoomStanding.Joined or RoomStanding.Entering)
                await Client.CatchUpAsync(room.Id).WaitAsync(Interrupted);
        }
    }

    /// <summary>Who invites this person into a room; null if nobody does.</summary>
    public Handle? InvitationInto(RoomId room)
    {
        lock (_invitations)
            return _invitations.TryGetValue(room, out Handle by) ? by : null;
    }

    /// <summary>Something has happened, or a while has passed.</summary>
    public async Task NewsAsync(TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Interrupted);
        limit.CancelAfter(patience);
        try
        {
            await _news.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!Interrupted.IsCancellationRequested)
        {
            // A while has passed.
        }
    }

    /// <summary>Writes lines of the result.</summary>
    public static void Write(params IEnumerable<string> lines)
    {
        string all = string.Concat(lines.Select(static line => line + "\n"));
        if (all.Length > 0)
            StandardOutput.Write(Encoding.UTF8.GetBytes(all));
    }

    /// <summary>Writes the result as JSON mode answers.</summary>
    public static void Write(AnswerLine answer) => StandardOutput.Write([.. JsonSerializer.SerializeToUtf8Bytes(answer, JsonLines.Default.AnswerLine), (byte)'\n']);

    /// <summary>Writes an entry of a room's log as JSON mode tells it.</summary>
    public static void Write(EventLine entry) => StandardOutput.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry, JsonLines.Default.EventLine), (byte)'\n']);

    /// <summary>Says a line to the person.</summary>
    public static void Say(string line) => Console.Error.WriteLine(HarmlessText.Line(line));

    /// <summary>Asks for a secret at the terminal, or reads it from a descriptor.</summary>
    /// <exception cref="OperationCanceledException">None was given.</exception>
    public static SecretLine AskSecret(string question, int? descriptor)
    {
        if (descriptor is { } given)
            return SecretLine.Of(given) ?? throw new OperationCanceledException("no line on the descriptor");
        if (Console.IsInputRedirected)
            throw new ProgramException(FailureCode.BadValue, "there is no terminal to ask for the pass phrase at", "give it by --phrase-fd");
        return new PlainInput(Console.In, isTerminal: true, pinDescriptor: null).ReadSecret(question, isPin: false, Console.Error) ?? throw new OperationCanceledException("no secret was given");
    }

    /// <inheritdoc/>
    public void UseToken(TokenBroker broker)
    {
        // A touch that is waited for ends with the program.
    }

    /// <inheritdoc/>
    public void Tell(string line) => Say(line);

    /// <inheritdoc/>
    public void Take(ClientEvent shown)
    {
        if (shown is ClientEvent.Invited invited)
        {
            lock (_invitations)
                _invitations[invited.Room] = invited.By;
        }
        _news.Writer.TryWrite(true);
    }

    /// <inheritdoc/>
    public Task<Pin?> AskPinAsync(PinRequest request, CancellationToken cancel)
    {
        if (_pinDescriptor is null && Console.IsInputRedirected)
            throw new ProgramException(FailureCode.PinNotRight, $"a PIN is wanted to {request.Purpose}, and there is no terminal to ask at", "give the PIN by --pin-fd");
        if (_pinDescriptor is not null && (request.WasWrong || request.State.RetriesLeft == 1))
            throw new ProgramException(FailureCode.PinNotRight, request.WasWrong ? "that PIN was wrong; no other was tried" : "one try is left, which --pin-fd does not take", "run hwchat at a terminal");
        string question = request.State.RetriesLeft == 1 ? $"Esc if you are not sure. {TokenQuestions.Of(request)}" : TokenQuestions.Of(request);
        using SecretLine? line = _pinDescriptor is { } descriptor
            ? SecretLine.Of(descriptor)
            : new PlainInput(Console.In, isTerminal: true, pinDescriptor: null).ReadSecret(question, isPin: true, Console.Error);
        return Task.FromResult<Pin?>(line?.ToPin() ?? throw new ProgramException(FailureCode.PinNotRight, line is null ? "no PIN was given" : $"a PIN has {Pin.MinLength} to {Pin.MaxLength} characters"));
    }

    /// <inheritdoc/>
    public void ShowTouch(TouchNotice notice)
    {
        if (notice.State == TouchState.Wanted)
            Say($"touch your key: {notice.Purpose} (Ctrl-C gives up)");
    }

    private async Task<int> RunAsync(Func<OneShot, Task<int>> verb)
    {
        var wish = new ProfileWish(Parsed.GetValue(ProfileOptions.Vault), Parsed.GetValue(ProfileOptions.Token), new SimulatedTouch(), Waits: false);
        await using PersonProfile profile = await PersonProfile.OpenAsync(wish, this, Interrupted);
        _client = profile.Client;
        return await verb(this);
    }

    private StoredRoom RoomNamed(string name)
    {
        StoredRoom[] rooms = [.. Client.Rooms.Where(room => string.Equals(DeskRoom.TitleOf(room.Id, room), name, StringComparison.OrdinalIgnoreCase))];
        if (rooms.Length == 0 && name.Length >= 4)
            rooms = [.. Client.Rooms.Where(room => room.Id.ToString().StartsWith(name, StringComparison.OrdinalIgnoreCase) || DeskRoom.TitleOf(room.Id, room).StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        return rooms switch
        {
            [var one] => one,
            [] => throw new ProgramException(FailureCode.RoomUnknown, $"you have no room \"{HarmlessText.Line(name, 40)}\"", "hwchat rooms lists those you have"),
            _ => throw new ProgramException(FailureCode.RoomUnknown, $"more than one room is called \"{HarmlessText.Line(name, 40)}\"", "give the beginning of its name: hwchat rooms --json has it"),
        };
    }

    private int Fail(ProgramException failure, Exception cause)
    {
        foreach (string line in failure.Lines())
            Console.Error.WriteLine(line);
        if (failure.Code == FailureCode.Defect && Environment.GetEnvironmentVariable("HWCHAT_DEBUG") == "1")
            Console.Error.WriteLine(cause);
        if (IsJson)
            Write(AnswerLine.Failed(failure));
        return failure.Code.Exit;
    }
}

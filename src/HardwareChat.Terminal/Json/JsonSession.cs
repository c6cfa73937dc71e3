using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Profiles;
using HardwareChat.Terminal.Programs;
using HardwareChat.Tokens;

namespace HardwareChat.Terminal.Json;

// Three things write: answers, as commands end; the teller, which reads kept events from the vault as fast as the program reads them; and,
// through the teller too, what is only a state of now. One lock holds lines whole. Nothing is kept in memory for a slow program: kept events wait in
// the vault, states push out the oldest, and while too many commands are under way, no further line is read.

/// <summary>JSON mode: commands in, events and answers out.</summary>
/// <param name="write">Writes bytes to whoever reads; blocks while that one is slow.</param>
/// <param name="pinDescriptor">Where the PIN comes from.</param>
internal sealed class JsonSession(Action<ReadOnlySpan<byte>> write, int? pinDescriptor) : IProfileFace, IDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);

    private readonly Lock _writing = new();
    private readonly Channel<Action> _states = Channel.CreateBounded<Action>(new BoundedChannelOptions(JsonLimits.States) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<Func<Task>> _ordered = Channel.CreateBounded<Func<Task>>(JsonLimits.Commands);
    private readonly SemaphoreSlim _slots = new(JsonLimits.Commands, JsonLimits.Commands);
    private readonly CancellationTokenSource _end = new();
    private readonly KeyedCommands _keyed = new();
    private volatile Subscription? _subscription;
    private ChatClient? _client;
    private TokenBroker? _broker;
    private Exception? _broken;
    private bool _isStuck;

    /// <summary>The engine.</summary>
    public ChatClient Client => _client!;

    /// <summary>What lines say of the vault's content.</summary>
    public EventForm Form { get; private set; } = new(default, static _ => false);

    /// <summary>The connection, as it was told last.</summary>
    public LinkLine Link { get; private set; } = new(JsonEvent.Link, "offline", "not connected yet");

    /// <summary>Who invites this person, and where.</summary>
    public ConcurrentDictionary<RoomId, Handle> Invitations { get; } = [];

    /// <summary>Runs until the input ends, nobody reads any more, or a signal comes.</summary>
    /// <param name="wish">The vault.</param>
    /// <param name="input">Where commands come from.</param>
    /// <param name="interrupted">Set by a signal.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(ProfileWish wish, Stream input, CancellationToken interrupted)
    {
        using CancellationTokenRegistration stop = interrupted.Register(_end.Cancel);
        try
        {
            string version = typeof(JsonSession).Assembly.GetName().Version!.ToString(3);
            Write(
                new HelloLine(JsonEvent.Hello, JsonLimits.Version, $"hwchat {version}", [.. JsonCommandTable.All.Select(static command => command.Name)], [.. JsonEvent.All.Select(static kind => kind.Name)], new HelloLimits(JsonLimits.Line, JsonLimits.Commands, (int)JsonLimits.Alive.TotalSeconds)),
                JsonLines.Default.HelloLine);
            await using PersonProfile profile = await PersonProfile.OpenAsync(wish, this, _end.Token);
            await ServeAsync(profile.Client, input);
            if (_broken is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_broken);
        }
        catch (OutputClosedException)
        {
            return ExitCode.PipeClosed;
        }
        catch (Exception failure)
        {
            return Bye(interrupted.IsCancellationRequested && failure is OperationCanceledException ? null : ProgramException.Of(failure), ExitCode.Interrupted, failure);
        }
        return interrupted.IsCancellationRequested ? Bye(null, ExitCode.Interrupted, null) : Bye(null, ExitCode.Done, null);
    }

    /// <summary>Answers a command; one without an id only if it failed.</summary>
    public void Answer(string? id, AnswerLine answer)
    {
        if (id is not null || !answer.Ok)
            Write(answer with { Id = id }, JsonLines.Default.AnswerLine);
    }

    /// <summary>From now on events are told.</summary>
    /// <param name="rooms">Of these rooms; null for all.</param>
    /// <param name="since">From behind this cursor.</param>
    public void Subscribe(HashSet<RoomId>? rooms, ulong since)
    {
        _subscription = new Subscription(rooms) { Told = since };
        _news.Writer.TryWrite(true);
    }

    /// <summary>Connects, and says how that went.</summary>
    public async Task ConnectAsync()
    {
        if (Link.State != "online")
            Tell(new LinkLine(JsonEvent.Link, "connecting", null));
        try
        {
            await Client.ConnectAsync();
        }
        catch (Exception failure) when (Failures.IsExpected(failure))
        {
            if (Link.State != "alarm")
                Tell(new LinkLine(JsonEvent.Link, "offline", Failures.TextOf(failure)));
            throw;
        }
    }

    /// <summary>Gives up the touch that is waited for, if one is.</summary>
    public void GiveUp() => _broker?.GiveUp();

    /// <summary>Sends content; whoever asked under a key gets the same message again.</summary>
    public async Task<AnswerLine?> SendAsync(RoomId room, RoomContent content, JsonRequest request) => AnswerLine.Of(await SentMessage.SendAsync(Client, room, content, (vault, id) =>
    {
        if (request.Find("key") is { } key)
            vault.Idempotency.Put(key, (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds(), KeyedOutcome.Sent(request.Digest(), room, id).Encode());
    }));

    /// <summary>Tells how far a command is, now and then.</summary>
    public IProgress<long> ProgressOf(JsonRequest request, long total) => new ProgressLines(this, request.Id, total);

    /// <inheritdoc/>
    public void UseToken(TokenBroker broker) => _broker = broker;

    /// <inheritdoc/>
    void IProfileFace.Tell(string line) => Write(new TokenLine(JsonEvent.Token, "absent") { Text = line }, JsonLines.Default.TokenLine);

    /// <inheritdoc/>
    public void Take(ClientEvent shown)
    {
        switch (shown)
        {
            case ClientEvent.Link link:
                Tell(new LinkLine(JsonEvent.Link, link.State switch { LinkState.Online => "online", LinkState.Alarm => "alarm", _ => "offline" }, link.Why.Length > 0 ? link.Why : null));
                break;
            case ClientEvent.Invited invited:
                Invitations[invited.Room] = invited.By;
                Tell(new InviteLine(JsonEvent.Invite, invited.Room.ToString(), invited.By.ToString(), [.. invited.Members.Select(static member => member.ToString())]), JsonLines.Default.InviteLine);
                break;
            case ClientEvent.Unsent unsent:
                Tell(
                    new UnsentLine(JsonEvent.Unsent, unsent.Room.ToString(), unsent.Id.ToString(), unsent.State == OutboxState.Failed ? "failed" : "waiting", unsent.Why),
                    JsonLines.Default.UnsentLine);
                break;
            case ClientEvent.SessionEnds ends:
                Tell(new TokenLine(JsonEvent.Token, "session_ends") { At = EventForm.Time((ulong)ends.At.ToUnixTimeSeconds()) }, JsonLines.Default.TokenLine);
                break;
            default:
                _news.Writer.TryWrite(true);
                break;
        }
    }

    /// <inheritdoc/>
    public Task<Pin?> AskPinAsync(PinRequest request, CancellationToken cancel)
    {
        Tell(new TokenLine(JsonEvent.Token, "pin_needed") { For = request.Purpose, TriesLeft = request.State.RetriesLeft }, JsonLines.Default.TokenLine);
        Pin? pin = null;

        // A program's PIN is tried once, and never as the last try: a blocked token costs a person far more than an error.
        if (!request.WasWrong && request.State.RetriesLeft is not 1 && pinDescriptor is { } descriptor)
        {
            using SecretLine? line = SecretLine.Of(descriptor);
            pin = line?.ToPin();
        }
        if (pin is null)
        {
            string text = request.WasWrong ? "that PIN was wrong" : request.State.RetriesLeft is 1 ? "one try is left, which is a person's" : "give the PIN by --pin-fd";
            Tell(new TokenLine(JsonEvent.Token, "pin_refused") { For = request.Purpose, TriesLeft = request.State.RetriesLeft, Text = text }, JsonLines.Default.TokenLine);
            throw new ProgramException(FailureCode.PinNotRight, $"no PIN was given to {request.Purpose}: {text}");
        }
        return Task.FromResult<Pin?>(pin);
    }

    /// <inheritdoc/>
    public void ShowTouch(TouchNotice notice) => Tell(
        new TokenLine(JsonEvent.Token, notice.State switch { TouchState.Wanted => "touch_needed", TouchState.Touched => "touched", TouchState.TimedOut => "touch_missed", _ => "touch_ended" })
        {
            For = notice.Purpose,
            WithinS = notice.State == TouchState.Wanted ? 15 : null,
        },
        JsonLines.Default.TokenLine);

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Dispose();
        _slots.Dispose();
    }

    private async Task ServeAsync(ChatClient client, Stream input)
    {
        _client = client;
        Handle own = client.Handle ?? throw new ProgramException(FailureCode.NotTrusted, "this token is not enrolled in the community's registry");
        Form = new EventForm(own, handle => client.Registry.User(handle)?.Role == Role.Bot);
        client.KeepEvents();
        EventCursors cursors = client.EventCursors;
        Write(
            new ReadyLine(JsonEvent.Ready, own.ToString(), client.Token.ToString(), client.Registry.Id.ToString(), EventForm.Cursor(cursors.Oldest), EventForm.Cursor(cursors.Last), EventForm.Cursor(cursors.Acknowledged)),
            JsonLines.Default.ReadyLine);
        Task telling = TellAsync();
        Task ordering = DoInOrderAsync(FirstConnectionAsync());
        Task living = LiveAsync();
        Task reading = Task.Factory.StartNew(() => Read(input), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

        // What breaks any of them ends all; a reader that waits for a line is left to wait.
        await Task.WhenAny(reading, Task.Delay(Timeout.Infinite, _end.Token));
        if (reading.IsFaulted)
            Break(reading.Exception!.InnerException!);
        _ordered.Writer.TryComplete();
        if (reading.IsCompletedSuccessfully)
            await ordering;
        await _end.CancelAsync();

        // Who does not read any more does not keep the program from ending.
        Task rest = Task.WhenAll(ordering, telling, living);
        _isStuck = await Task.WhenAny(rest, Task.Delay(EndPatience)) != rest;
        if (_broken is null && !_isStuck)
            TellWhatThereIs();
    }

    private async Task FirstConnectionAsync()
    {
        try
        {
            await ConnectAsync();
        }
        catch (Exception failure) when (Failures.IsExpected(failure))
        {
            // Told as an event of the connection; commands that need one say so.
        }
    }

    private async Task Read(Stream input)
    {
        using var reader = new LineReader(input, JsonLimits.Line);
        for (LineKind kind; !_end.IsCancellationRequested && (kind = reader.Read(out ReadOnlyMemory<byte> line)) != LineKind.End;)
        {
            if (kind == LineKind.TooLong)
                Answer(null, AnswerLine.Failed(new ProgramException(FailureCode.TooLong, $"a line has at most {JsonLimits.Line} bytes")));
            else if (line.Span.ContainsAnyExcept(" \t"u8))
                await BeginAsync(line);
        }

        // The end of the input: what was asked is done to its end.
        _ordered.Writer.TryComplete();
        for (int i = 0; i < JsonLimits.Commands; i++)
            await _slots.WaitAsync(_end.Token);
    }

    private async Task BeginAsync(ReadOnlyMemory<byte> line)
    {
        JsonRequest? request = null;
        try
        {
            request = JsonRequest.Decode(line.Span);
            JsonCommand command = JsonCommand.Of(request);
            await _slots.WaitAsync(_end.Token);
            if (command.NeedsRelay)
                await _ordered.Writer.WriteAsync(() => DoAsync(command, request), _end.Token);
            else
                await DoAsync(command, request);
        }
        catch (RequestException refused)
        {
            request?.Dispose();
            Answer(refused.Id, AnswerLine.Failed(refused));
        }
    }

    // Begun in the order of their lines, and not before the first attempt to connect is over.
    private async Task DoInOrderAsync(Task connected)
    {
        try
        {
            await connected.WaitAsync(_end.Token);
            await foreach (Func<Task> begin in _ordered.Reader.ReadAllAsync(_end.Token))
                _ = begin();
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // What was not begun was not answered, and not done.
        }
        catch (Exception failure)
        {
            Break(failure);
        }
    }

    private async Task DoAsync(JsonCommand command, JsonRequest request)
    {
        try
        {
            AnswerLine? answer = command.Repetition != Repetition.NoKey && request.Find("key") is { } key
                ? await _keyed.DoAsync(this, command, request, key)
                : await command.Run(this, request);
            if (answer is not null)
                Answer(request.Id, answer);
        }
        catch (Exception failure) when (failure is not OutputClosedException && !_end.IsCancellationRequested)
        {
            if (ProgramException.Of(failure) is { } said && said.Code == FailureCode.Defect && Environment.GetEnvironmentVariable("HWCHAT_DEBUG") == "1")
                await Console.Error.WriteLineAsync(failure.ToString());
            AnswerFailure(request, failure);
        }
        catch (Exception failure)
        {
            Break(failure);
        }
        finally
        {
            request.Dispose();
            _slots.Release();
        }
    }

    private void AnswerFailure(JsonRequest request, Exception failure)
    {
        try
        {
            Answer(request.Id, AnswerLine.Failed(ProgramException.Of(failure)));
        }
        catch (IOException e)
        {
            Break(e);
        }
    }

    private async Task TellAsync()
    {
        try
        {
            while (await _news.Reader.WaitToReadAsync(_end.Token))
            {
                _news.Reader.TryRead(out _);
                TellWhatThereIs();
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The end.
        }
        catch (Exception failure)
        {
            Break(failure);
        }
    }

    private void TellWhatThereIs()
    {
        while (_states.Reader.TryRead(out Action? state))
            state();
        while (_subscription is { } subscription && Client.EventsAfter(subscription.Told, JsonLimits.EventsAtOnce) is [_, ..] page)
        {
            foreach (KeptEvent kept in page.TakeWhile(_ => _subscription == subscription))
            {
                if (subscription.Rooms?.Contains(kept.Room) != false)
                    Write(Form.Of(kept), JsonLines.Default.EventLine);
                subscription.Told = kept.Cursor;
            }
            while (_states.Reader.TryRead(out Action? state))
                state();
        }
    }

    private async Task LiveAsync()
    {
        using var timer = new PeriodicTimer(JsonLimits.Alive);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
                Tell(new AliveLine(JsonEvent.Alive, EventForm.Time((ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds())!), JsonLines.Default.AliveLine);
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private void Tell(LinkLine link)
    {
        if (link == Link)
            return;
        Link = link;
        Tell(link, JsonLines.Default.LinkLine);
    }

    // Never blocks: the engine calls it.
    private void Tell<T>(T state, JsonTypeInfo<T> form)
    {
        if (_client is null && state is TokenLine)
        {
            // Nothing else is written before the vault is open.
            Write(state, form);
            return;
        }
        _states.Writer.TryWrite(() => Write(state, form));
        _news.Writer.TryWrite(true);
    }

    private void Write<T>(T line, JsonTypeInfo<T> form)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, form), (byte)'\n'];
        lock (_writing)
            write(bytes);
    }

    private void Break(Exception failure)
    {
        Interlocked.CompareExchange(ref _broken, failure, null);
        _end.Cancel();
    }

    private int Bye(ProgramException? failure, int code, Exception? cause)
    {
        if (failure is not null)
        {
            code = failure.Code.Exit;
            foreach (string line in failure.Lines())
                Console.Error.WriteLine(line);
            if (failure.Code == FailureCode.Defect && Environment.GetEnvironmentVariable("HWCHAT_DEBUG") == "1")
                Console.Error.WriteLine(cause);
        }
        if (_isStuck)
            return code;
        try
        {
            string why = failure is not null ? "failed" : code == ExitCode.Interrupted ? "a signal came" : "the input has ended";
            Write(new ByeLine(JsonEvent.Bye, code, why) { Error = failure is null ? null : ErrorPart.Of(failure) }, JsonLines.Default.ByeLine);
            return code;
        }
        catch (OutputClosedException)
        {
            return ExitCode.PipeClosed;
        }
        catch (IOException)
        {
            // Said on the other stream, if anything was to be said.
            return code == ExitCode.Done ? ExitCode.Input : code;
        }
    }

    // Of many reports in a row one is told.
    private sealed class ProgressLines(JsonSession session, string? id, long total) : IProgress<long>
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
        private long _last;

        public void Report(long value)
        {
            if (_last != 0 && value < total && Stopwatch.GetElapsedTime(_last) < Pause)
                return;
            _last = Stopwatch.GetTimestamp();
            session.Tell(new ProgressLine(JsonEvent.Progress, id, (ulong)Math.Min(value, total), (ulong)total), JsonLines.Default.ProgressLine);
        }
    }

    /// <summary>What a program wants to be told.</summary>
    private sealed class Subscription(HashSet<RoomId>? rooms)
    {
        public HashSet<RoomId>? Rooms { get; } = rooms;

        public ulong Told { get; set; }
    }
}

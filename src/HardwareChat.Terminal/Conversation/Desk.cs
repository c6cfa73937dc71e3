using System.Diagnostics;
using System.Threading.Channels;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Client.Verification;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Profiles;
using HardwareChat.Tokens;

namespace HardwareChat.Terminal.Conversation;

// Everything here is done in the turns of one loop. The engine and the broker call from threads of their own: what they say is posted.

/// <summary>What a face shows and does, without any screen: the rooms, the open one, the connection, and what waits for the person.</summary>
internal sealed partial class Desk(FaceLoop loop) : IProfileFace
{
    private const string Connecting = "connecting";
    private const ulong FirstPage = 20;
    private static readonly TimeSpan RefreshPause = TimeSpan.FromMilliseconds(50);

    private readonly List<DeskRoom> _rooms = [];
    private readonly List<Prompt> _prompts = [];
    private readonly HashSet<DeskRoom> _stale = [];
    private ChatClient? _client;
    private TokenBroker? _broker;

    /// <summary>The engine, once there is one.</summary>
    public ChatClient Client => _client ?? throw new CommandException("the vault is not open yet");

    /// <summary>This person.</summary>
    public Handle Own { get; private set; }

    /// <summary>Whether the engine is there.</summary>
    public bool IsReady => _client is not null;

    /// <summary>The rooms; their order does not change while one looks, so that nobody writes into the wrong one.</summary>
    public IReadOnlyList<DeskRoom> Rooms => _rooms;

    /// <summary>The room that is open; null if none is.</summary>
    public DeskRoom? Open { get; private set; }

    /// <summary>The connection.</summary>
    public LinkState Link { get; private set; } = LinkState.Offline;

    /// <summary>Why there is none, or what alarms.</summary>
    public string LinkWhy { get; private set; } = "not connected yet";

    /// <summary>What is asked of the person first; null if nothing.</summary>
    public Prompt? Asked => _prompts is [var first, ..] ? first : null;

    /// <summary>The touch that a token waits for; null if none does.</summary>
    public WantedTouch? Touch { get; private set; }

    /// <summary>The key that touches a simulated token; null for tokens of matter.</summary>
    public TouchKey? TouchKey { get; init; }

    /// <summary>Whether the person wants to leave.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Whether this person tells others what it has read.</summary>
    public bool TellsWhatWasRead { get; private set; }

    /// <summary>The connection in a few words.</summary>
    public string LinkText => Link switch
    {
        LinkState.Online => "online",
        LinkState.Alarm => $"ALARM: {LinkWhy}",
        _ when LinkWhy == Connecting => Connecting,
        _ => LinkWhy.Length > 0 ? $"offline: {LinkWhy}" : "offline",
    };

    /// <summary>Something that a command answers, or that is to be told: lines for the person.</summary>
    public event Action<IReadOnlyList<string>>? Told;

    /// <summary>Something went wrong: one line.</summary>
    public event Action<string>? Complained;

    /// <summary>Something new in a room, or something that looks different now, and the content that made it so; null for notes.</summary>
    public event Action<DeskRoom, HistoryItem, ReceivedContent?>? Came;

    /// <summary>Something is asked: <see cref="Asked"/> or <see cref="Touch"/> has changed.</summary>
    public event Action? AskedChanged;

    /// <summary>The connection has changed.</summary>
    public event Action? LinkChanged;

    /// <summary>Another room is open.</summary>
    public event Action? Opened;

    /// <summary>The person wants to leave.</summary>
    public event Action? Left;

    /// <summary>Takes the way to the token, so that what it waits for can be given up; it stays the caller's.</summary>
    public void UseToken(TokenBroker broker) => _broker = broker;

    /// <summary>Takes the engine, whose events go to <see cref="Take"/>; it stays the caller's.</summary>
    public void Begin(ChatClient client)
    {
        Own = client.Handle ?? throw new CommunityException("this token is not enrolled in the community's registry");
        _client = client;
        TellsWhatWasRead = client.Setting(ReceiptsSetting) == "on";
        foreach (StoredRoom stored in client.Rooms)
            _ = RoomOf(stored.Id);
        foreach (QueuedMessage queued in client.Outbox)
        {
            if (RoomContent.Read(MimiContent.Decode(queued.Content)) is MessageContent { Replaces: null } content)
            {
                var pending = new PendingMessage(content) { State = queued.State == OutboxState.Failed ? MessageState.Failed : MessageState.Sending, Why = queued.Failure };
                RoomOf(queued.Room).History.Add(pending);
            }
        }
        if (_rooms.Find(static room => room.IsOpen) is { } first)
            OpenRoom(first);
    }

    /// <summary>The first attempt to connect.</summary>
    public Task FirstConnection { get; private set; } = Task.CompletedTask;

    /// <summary>Begins to connect, and shows meanwhile what the vault has.</summary>
    public void BeginToConnect()
    {
        FirstConnection = ConnectAsync();
        loop.Watch(FirstConnection);
    }

    /// <summary>Connects; says why not.</summary>
    public Task ConnectAsync() => TryAsync(async () =>
    {
        SetLink(LinkState.Offline, Connecting);
        try
        {
            await Client.ConnectAsync();
            SetLink(LinkState.Online, "");
        }
        catch (Exception failure) when (Failures.IsExpected(failure))
        {
            if (Link != LinkState.Alarm)
                SetLink(LinkState.Offline, Failures.TextOf(failure));
            throw;
        }
        foreach (DeskRoom room in _rooms.ToArray())
            await RefreshAsync(room);
    });

    /// <summary>Opens a room: what is in it is being read.</summary>
    public void OpenRoom(DeskRoom room)
    {
        Open = room;
        Opened?.Invoke();
        loop.Watch(RefreshAsync(room));
    }

    /// <summary>What is in the open room was seen, to its end.</summary>
    public void Seen()
    {
        if (Open is not { IsOpen: true } room || room.UnreadFrom >= room.History.End)
            return;
        ulong from = room.UnreadFrom;
        room.UnreadFrom = room.History.End;
        room.IsMentioned = false;
        loop.Watch(TryAsync(() => Client.MarkReadAsync(room.Id, room.UnreadFrom)));
        if (TellsWhatWasRead && Link == LinkState.Online)
            loop.Watch(TryAsync(() => TellReadAsync(room, from)));
    }

    /// <summary>The first thing that is asked has been answered, or left.</summary>
    public void Answered(Prompt prompt)
    {
        _prompts.Remove(prompt);
        AskedChanged?.Invoke();
    }

    /// <summary>Gives up whatever waits for the person: a question, or a touch. False if nothing does.</summary>
    public bool GiveUp()
    {
        if (Asked is { } prompt)
        {
            prompt.Leave();
            Answered(prompt);
            return true;
        }
        if (Touch is null || _broker is null)
            return false;
        _broker.GiveUp();
        TouchKey?.Release();
        Touch = null;
        AskedChanged?.Invoke();
        return true;
    }

    /// <summary>Ends the face.</summary>
    public void Leave()
    {
        if (IsLeaving)
            return;
        IsLeaving = true;
        while (GiveUp())
        {
        }
        Left?.Invoke();
    }

    /// <inheritdoc/>
    void IProfileFace.Tell(string line) => loop.Post(() => Tell(line));

    /// <summary>Tells lines.</summary>
    public void Tell(params IReadOnlyList<string> lines) => Told?.Invoke(lines);

    /// <summary>Asks for a secret; null if the person gives up.</summary>
    public async Task<SecretLine?> AskSecretAsync(string question)
    {
        var prompt = new SecretPrompt(question);
        Ask(prompt);
        return await prompt.Answer;
    }

    /// <summary>Asks for a yes.</summary>
    public async Task<bool> AskYesAsync(string question)
    {
        var prompt = new ConfirmPrompt(question);
        Ask(prompt);
        return await prompt.Answer;
    }

    /// <inheritdoc/>
    async Task<Pin?> ITokenFace.AskPinAsync(PinRequest request, CancellationToken cancel)
    {
        string question = TokenQuestions.Of(request);
        if (request.State.RetriesLeft == 1 && !await AskLastTryAsync(request, cancel))
            return null;
        while (true)
        {
            var prompt = new SecretPrompt(question) { IsPin = true };
            using CancellationTokenRegistration registration = cancel.Register(() => TakeBack(prompt));
            loop.Post(() => Ask(prompt));
            using SecretLine? line = await prompt.Answer;
            if (line is null)
                return null;
            if (line.ToPin() is { } pin)
                return pin;
            question = $"A PIN has {Pin.MinLength} to {Pin.MaxLength} characters. {TokenQuestions.Of(request)}";
        }
    }

    /// <inheritdoc/>
    void ITokenFace.ShowTouch(TouchNotice notice) => loop.Post(() =>
    {
        Touch = notice.State == TouchState.Wanted ? new WantedTouch(notice.Purpose, Stopwatch.GetTimestamp()) : null;
        AskedChanged?.Invoke();
    });

    /// <summary>Does something; what fails in an expected way is told.</summary>
    public async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception failure) when (Failures.IsExpected(failure))
        {
            if (!IsLeaving)
                Complained?.Invoke(HarmlessText.Line(Failures.TextOf(failure)));
        }
        catch (Exception failure) when (IsLeaving && failure is ObjectDisposedException or ChannelClosedException)
        {
            // The engine has ended before this came to its turn.
        }
    }

    /// <summary>The room that is open and in which one can say something.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public DeskRoom Here() => Open is not { } room
        ? throw new CommandException("no room is open: /rooms lists them, /new founds one, /join enters one")
        : room.IsOpen ? room : throw new CommandException(room.InvitedBy is null ? "you are not in this room any more" : "you are invited, and not in this room yet: /accept");

    /// <summary>The room on the desk, put there if it is new.</summary>
    public DeskRoom RoomOf(RoomId id)
    {
        if (_rooms.Find(room => room.Id == id) is { } known)
            return known;
        ChatClient client = Client;
        var room = new DeskRoom(id, new RoomHistory(Own, (sequence, count) => client.History(id, sequence, count), handle => client.Registry.User(handle)?.Role == Role.Bot));
        room.Stored = client.Rooms.FirstOrDefault(stored => stored.Id == id);
        room.UnreadFrom = room.Stored?.UnreadFrom ?? 0;

        // What is unread is counted, so it is read; the rest when somebody looks.
        ulong unread = room.Stored is { } stored && stored.NextSequence > room.UnreadFrom ? stored.NextSequence - room.UnreadFrom : 0;
        room.History.LoadOlder((int)Math.Clamp(unread, FirstPage, RoomHistory.Page));
        _rooms.Add(room);
        return room;
    }

    /// <summary>Reads anew what is known of a room, soon: many changes in a row are one reading.</summary>
    public void RefreshSoon(DeskRoom room)
    {
        if (!_stale.Add(room))
            return;
        loop.Watch(RefreshOnceAsync(room));
    }

    /// <summary>Reads anew what is known of a room and the people in it.</summary>
    public Task RefreshAsync(DeskRoom room) => TryAsync(async () =>
    {
        room.Stored = Client.Rooms.FirstOrDefault(stored => stored.Id == room.Id) ?? room.Stored;
        if (room.IsOpen)
            room.People = PeopleOf(await Client.MembersAsync(room.Id));
    });

    // A PIN that is blocked costs far more than a question.
    private async Task<bool> AskLastTryAsync(PinRequest request, CancellationToken cancel)
    {
        var prompt = new ConfirmPrompt($"One wrong PIN more blocks the PIN of token {request.Token}. Go on?");
        using CancellationTokenRegistration registration = cancel.Register(() => TakeBack(prompt));
        loop.Post(() => Ask(prompt));
        return await prompt.Answer;
    }

    private void TakeBack(Prompt prompt) => loop.Post(() =>
    {
        prompt.Leave();
        Answered(prompt);
    });

    private async Task RefreshOnceAsync(DeskRoom room)
    {
        await Task.Delay(RefreshPause);
        _stale.Remove(room);
        await RefreshAsync(room);
    }

    private List<RoomPerson> PeopleOf(IReadOnlyList<Member> members)
        => [.. members.GroupBy(static member => member.Handle).OrderBy(static person => person.Key).Select(person => new RoomPerson(
            person.Key,
            person.Key == Own ? VerificationState.Verified : Client.VerificationOf(person.Key),
            person.All(static member => member.IsInvited),
            Client.Registry.User(person.Key)?.Role == Role.Bot,
            person.Count()))];

    private void Ask(Prompt prompt)
    {
        if (IsLeaving)
        {
            prompt.Leave();
            return;
        }
        _prompts.Add(prompt);
        AskedChanged?.Invoke();
    }

    private void SetLink(LinkState state, string why)
    {
        if (Link == state && LinkWhy == why)
            return;
        Link = state;
        LinkWhy = HarmlessText.Line(why);
        LinkChanged?.Invoke();
    }
}

using HardwareChat.Attestation;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Terminal.Demo;

/// <summary>One of the demo's people: a simulated token, a vault, and the engine over them.</summary>
internal sealed class DemoPerson : ITokenFace, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SimulatedCard _card;
    private readonly Action<string> _say;
    private readonly Lock _gate = new();
    private readonly List<ClientEvent> _events = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TokenBroker? _broker;
    private TokenPapers? _papers;
    private Vault? _vault;
    private ChatClient? _client;
    private Desk? _desk;

    private DemoPerson(Handle handle, SimulatedCard card, Action<string> say)
    {
        Handle = handle;
        _card = card;
        _say = say;
    }

    /// <summary>The person's handle.</summary>
    public Handle Handle { get; }

    /// <summary>The engine, once the person is in the community.</summary>
    public ChatClient Client => _client ?? throw new InvalidOperationException("not in the community yet");

    /// <summary>The way to the person's token.</summary>
    public TokenBroker Broker => _broker!;

    /// <summary>The person's token.</summary>
    public TokenId Token => _papers!.Enrolment.TokenId;

    /// <summary>Touches that the token has been given.</summary>
    public int Touches { get; private set; }

    /// <summary>Makes a token with keys in 9A, 9D and 9C, and a vault that it opens.</summary>
    public static async Task<DemoPerson> CreateAsync(string name, SimulatedCardStore cards, ITouchSource touch, string folder, Action<string> say)
    {
        cards.Create(name, FirmwareProfile.Firmware57, SimulatedCardStore.NewSerial(), []);
        SimulatedCard card = cards.Open(name, touch);
        var person = new DemoPerson(Handle.Parse(name), card, say);
        PivToken token = await PivToken.OpenAsync(() => new SimulatedCardChannel(card));
        foreach ((PivSlot slot, PinPolicy pin, TouchPolicy touchPolicy) in
            ((PivSlot, PinPolicy, TouchPolicy)[])[(PivSlot.Authentication, PinPolicy.Once, TouchPolicy.Always), (PivSlot.KeyManagement, PinPolicy.Once, TouchPolicy.Never), (PivSlot.Signature, PinPolicy.Always, TouchPolicy.Always)])
            await token.GenerateAsync(slot, PivAlgorithm.EccP256, pin, touchPolicy, Administration.FactoryDefault);
        person._broker = new TokenBroker(token, person);
        person._papers = await TokenPapers.ReadAsync(token);
        PivPublicKey agreement = PivPublicKey.FromSubjectPublicKeyInfo(person._papers.Enrolment.AgreementSpki.ToArray());
        person._vault = Vault.Create(Path.Combine(folder, $"{name}.vault"), [VaultRecipient.Token(person.Token, agreement, name)], MessageText.Searched);
        return person;
    }

    /// <summary>Founds the community.</summary>
    public async Task FoundAsync(string setupLink, RegistryPolicy policy)
    {
        using InviteLink setup = InviteLink.Parse(setupLink);
        Start(await Enrolling.FoundAsync(setup, Handle, _papers!, _broker!, _vault!, policy, null, TimeProvider.System));
    }

    /// <summary>Enrols by an invite.</summary>
    public async Task EnrolAsync(InviteLink invite) => Start(await Enrolling.EnrolAsync(invite, Handle, _papers!, _broker!, _vault!, TimeProvider.System));

    /// <summary>From now on a desk is shown what the engine says, and asked for touches.</summary>
    public void ShowTo(Desk desk) => Volatile.Write(ref _desk, desk);

    /// <summary>Waits for the next that is shown, and takes it.</summary>
    public async Task<ClientEvent> NextAsync(CancellationToken cancel)
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_events is [var first, ..])
                {
                    _events.RemoveAt(0);
                    return first;
                }
                news = _news.Task;
            }
            await news.WaitAsync(cancel);
        }
    }

    /// <summary>Waits for something to be shown, and takes it.</summary>
    /// <exception cref="DemoFailedException">It was not, in time.</exception>
    public async Task<T> SeesAsync<T>(string what, Func<T, bool> isIt)
        where T : ClientEvent
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            Task news;
            lock (_gate)
            {
                int at = _events.FindIndex(shown => shown is T wanted && isIt(wanted));
                if (at >= 0)
                {
                    var found = (T)_events[at];
                    _events.RemoveAt(at);
                    return found;
                }
                news = _news.Task;
            }
            try
            {
                await news.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new DemoFailedException($"{Handle} did not see {what}; last: {string.Join(" | ", Recent())}");
            }
        }
    }

    /// <summary>Waits for a text of somebody.</summary>
    public Task<ClientEvent.Message> ReadsAsync(string from, string text)
        => SeesAsync<ClientEvent.Message>($"{from}'s \"{text}\"", message => message.Content is MessageContent content && content.Text == text && message.Sender.ToString() == from);

    /// <summary>Whether a text has been shown.</summary>
    public bool HasRead(string text)
    {
        lock (_gate)
            return _events.Exists(shown => shown is ClientEvent.Message { Content: MessageContent content } && content.Text == text);
    }

    /// <inheritdoc/>
    public Task<Pin?> AskPinAsync(PinRequest request, CancellationToken cancel) => Task.FromResult<Pin?>(Pin.Create("123456"u8));

    /// <inheritdoc/>
    public void ShowTouch(TouchNotice notice)
    {
        if (Volatile.Read(ref _desk) is ITokenFace desk)
            desk.ShowTouch(notice);
        else if (notice.State == TouchState.Wanted)
            _say($"   [{Handle}'s token waits for a touch: {notice.Purpose}]");
        else if (notice.State == TouchState.Touched)
            Touches++;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        else
            _vault?.Dispose();
        if (_broker is not null)
            await _broker.DisposeAsync();
        _card.Dispose();
    }

    private void Start(CommunityPin community) => _client = ChatClient.Start(community, Token, _vault!, _broker!, Take, TimeProvider.System);

    private void Take(ClientEvent shown)
    {
        if (Volatile.Read(ref _desk) is { } desk)
        {
            desk.Take(shown);
            return;
        }
        TaskCompletionSource news;
        lock (_gate)
        {
            _events.Add(shown);
            news = _news;
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        news.TrySetResult();
    }

    private string[] Recent()
    {
        lock (_gate)
            return [.. _events.TakeLast(5).Select(static shown => shown.ToString()!)];
    }
}

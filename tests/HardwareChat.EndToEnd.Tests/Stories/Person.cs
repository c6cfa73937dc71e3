using HardwareChat.Attestation;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.EndToEnd.Tests;

/// <summary>A person of a story: a simulated token, a vault on disk, and the engine, which can be ended and begun again.</summary>
internal sealed class Person : ITokenFace, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SimulatedCard _card;
    private readonly TokenBroker _broker;
    private readonly TokenPapers _papers;
    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly List<ClientEvent> _events = [];
    private CommunityPin? _community;
    private ChatClient? _client;
    private Tuple<TaskCompletionSource<VaultFiles>, ManualResetEventSlim>? _dying;
    private Func<Pin> _pin = static () => Pin.Create("123456"u8);

    private Person(Handle handle, SimulatedCard card, PivToken token, TokenPapers papers, string path)
    {
        Handle = handle;
        _card = card;
        _broker = new TokenBroker(token, this);
        _papers = papers;
        _path = path;
    }

    public Handle Handle { get; }

    public SimulatedCard Card => _card;

    public ChatClient Client => _client!;

    public TokenId Token => _papers.Enrolment.TokenId;

    /// <summary>Touches given so far.</summary>
    public int Touches { get; private set; }

    public static async Task<Person> CreateAsync(string name, SimulatedCardStore cards, string folder)
    {
        cards.Create(name, FirmwareProfile.Firmware57, SimulatedCardStore.NewSerial(), []);
        SimulatedCard card = cards.Open(name, new AutomaticTouch());
        PivToken token = await PivToken.OpenAsync(() => new SimulatedCardChannel(card));
        await token.GenerateAsync(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Always, Administration.FactoryDefault);
        await token.GenerateAsync(PivSlot.KeyManagement, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.FactoryDefault);
        await token.GenerateAsync(PivSlot.Signature, PivAlgorithm.EccP256, PinPolicy.Always, TouchPolicy.Always, Administration.FactoryDefault);
        return new Person(Handle.Parse(name), card, token, await TokenPapers.ReadAsync(token), Path.Combine(folder, $"{name}.vault"));
    }

    public async Task FoundAsync(string setupLink, RegistryPolicy policy)
    {
        using InviteLink setup = InviteLink.Parse(setupLink);
        Vault vault = NewVault();
        _community = await Enrolling.FoundAsync(setup, Handle, _papers, _broker, vault, policy, null, TimeProvider.System);
        _client = ChatClient.Start(_community, Token, vault, _broker, Take, TimeProvider.System);
    }

    /// <summary>A link by which another may enrol.</summary>
    public async Task<string> InviteAsync(string handle)
    {
        using InviteLink invite = await Client.InviteAsync(Protocol.Handle.Parse(handle), TimeSpan.FromHours(1));
        return invite.ToLink();
    }

    public async Task EnrolAsync(Person admin)
    {
        using InviteLink invite = await admin.Client.InviteAsync(Handle, TimeSpan.FromHours(1));
        await EnrolAsync(invite);
    }

    public async Task EnrolAsync(InviteLink invite)
    {
        Vault vault = NewVault();
        _community = await Patient.ConnectAsync(() => Enrolling.EnrolAsync(invite, Handle, _papers, _broker, vault, TimeProvider.System));
        _client = ChatClient.Start(_community, Token, vault, _broker, Take, TimeProvider.System);
        await Patient.ConnectAsync(_client.ConnectAsync);
    }

    /// <summary>Ends the engine; the vault stays on disk.</summary>
    public async Task EndAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        _client = null;
    }

    /// <summary>Begins again from the vault, which the token opens, with a relay that may stand elsewhere now.</summary>
    public async Task BeginAsync(Uri relay)
    {
        Vault vault;
        using (LockedVault locked = LockedVault.Open(_path))
            vault = await _broker.UseAsync("open the vault", (token, pin) => locked.UnlockAsync(token, Token, pin));
        _community = vault.Read(CommunityPin.Load)! with { Address = relay };
        _client = ChatClient.Start(_community, Token, vault, _broker, Take, TimeProvider.System);
        await Patient.ConnectAsync(_client.ConnectAsync);
    }

    /// <summary>What the vault has on disk now; only while the engine waits for something.</summary>
    public VaultFiles FilesOfVault() => VaultFiles.Of(_path);

    /// <summary>Ends the engine as a kill does, right behind something that it has just kept and shown. False if nothing was shown for a while: it lives.</summary>
    public async Task<bool> DieAsync()
    {
        var dying = new TaskCompletionSource<VaultFiles>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var dead = new ManualResetEventSlim();
        Volatile.Write(ref _dying, Tuple.Create(dying, dead));
        if (await Task.WhenAny(dying.Task, Task.Delay(Patience / 6)) != dying.Task && Interlocked.Exchange(ref _dying, null) is not null)
            return false;
        VaultFiles left = await dying.Task;
        Task ending = EndAsync();
        dead.Set();
        await ending;
        left.PutBack();
        return true;
    }

    /// <summary>Gives the token another PIN, which is asked for from then on.</summary>
    public Task ChangePinAsync(Func<Pin> pin) => _broker.UseAsync("change the PIN", async (token, _) =>
    {
        using Pin former = _pin();
        using Pin next = pin();
        await token.ChangePinAsync(former, next);
        _pin = pin;
        return true;
    });

    /// <summary>Shows the token a PIN.</summary>
    public Task VerifyAsync(Pin ownedPin) => _broker.UseAsync("verify a PIN", async (token, _) =>
    {
        using Pin pin = ownedPin;
        await token.VerifyPinAsync(pin);
        return true;
    });

    /// <summary>Another session of this person's token: what a test needs that acts in the person's place.</summary>
    public async Task<Session> BorrowSessionAsync(RegistryState registry, params IReadOnlyList<RoomId> rooms)
    {
        RegistryToken token = registry.Token(Token)!;
        var wish = new SessionWish(RelayId.OfKey(registry.RelayKey.ToArray()), rooms, 0);
        using var draft = new SessionDraft(token, registry, wish, (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        SignatureScheme scheme = token.Keys.AuthenticationKey.Scheme;
        byte[] signature = await _broker.SignAsync(PivSlot.Authentication, scheme, draft.SigningInput(), "act in the person's place");
        return draft.Complete(Protocol.EcdsaSignature.Normalise(scheme, signature));
    }

    public Task SayAsync(RoomId room, string text) => Client.SendAsync(room, new MessageContent(text, TextFormat.Plain));

    /// <summary>Waits until something has been shown, and takes it.</summary>
    public async Task<T> SeesAsync<T>(Func<T, bool> isIt)
        where T : ClientEvent
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            lock (_gate)
            {
                int at = _events.FindIndex(shown => shown is T wanted && isIt(wanted));
                if (at >= 0)
                {
                    var found = (T)_events[at];
                    _events.RemoveAt(at);
                    return found;
                }
            }
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{Handle} did not see it; last:\n{string.Join("\n", _events.TakeLast(8).Select(static shown => shown.GetType().Name))}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public Task<ClientEvent.Message> ReadsAsync(string text)
        => SeesAsync<ClientEvent.Message>(message => message.Content is MessageContent content && content.Text == text);

    /// <summary>Everything that was said in a room, as the vault has it.</summary>
    public string[] Transcript(RoomId room) => [.. Client.HistoryFrom(room, 0, int.MaxValue)
        .Select(static message => (message, Content: MessageText.ContentOf(message)))
        .Where(static shown => shown.Content is MessageContent)
        .Select(static shown => $"{shown.message.Sender}: {((MessageContent)shown.Content!).Text}")];

    public Task<Pin?> AskPinAsync(PinRequest request, CancellationToken cancel) => Task.FromResult<Pin?>(_pin());

    public void ShowTouch(TouchNotice notice) => Touches += notice.State == TouchState.Touched ? 1 : 0;

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await _broker.DisposeAsync();
        _card.Dispose();
    }

    private Vault NewVault()
        => Vault.Create(_path, [VaultRecipient.Token(Token, PivPublicKey.FromSubjectPublicKeyInfo(_papers.Enrolment.AgreementSpki.ToArray()), Handle.ToString())], MessageText.Searched);

    private void Take(ClientEvent shown)
    {
        lock (_gate)
            _events.Add(shown);

        // Shown in the engine's turn, after the write that keeps it: the engine stands still here, and sends nothing more.
        if (shown is ClientEvent.Message && Interlocked.Exchange(ref _dying, null) is var (dying, dead))
        {
            dying.SetResult(FilesOfVault());
            dead.Wait();
        }
    }
}

using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens;

/// <summary>The token face over <see cref="PivCard"/>: any card behind any <see cref="ICardChannel"/>.</summary>
public sealed class PivToken : IToken
{
    private readonly CardThread _thread;
    private readonly PivCard _card;
    private readonly TimeProvider _clock;
    private readonly Dictionary<PivSlot, TouchPolicy?> _policies = [];
    private long? _lastCachedTouch;
    private int _disposed;

    private PivToken(CardThread thread, PivCard card, TokenInfo info, TimeProvider clock)
    {
        (_thread, _card, Info, _clock) = (thread, card, info, clock);
    }

    /// <inheritdoc/>
    public TokenInfo Info { get; }

    /// <inheritdoc/>
    public event EventHandler<TouchEventArgs>? TouchChanged;

    /// <summary>Opens the card behind a channel, which is connected on the token's own thread.</summary>
    /// <param name="connect">Makes the channel, which the token then owns.</param>
    /// <param name="clock">Tells whether a cached touch may still be good; the system's if null.</param>
    /// <param name="cancellationToken">Before its turn.</param>
    /// <exception cref="TokenException">The card cannot be reached, or has no PIV application.</exception>
    public static Task<PivToken> OpenAsync(Func<ICardChannel> connect, TimeProvider? clock = null, CancellationToken cancellationToken = default)
        => OpenAsync(connect, DeviceQuestion.Ask, clock, cancellationToken);

    internal static async Task<PivToken> OpenAsync(
        Func<ICardChannel> connect, DeviceQuestion question, TimeProvider? clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connect);
        var thread = new CardThread("token");
        try
        {
            (PivCard card, TokenInfo info) = await thread.RunAsync(() => Open(connect(), question), cancellationToken).ConfigureAwait(false);
            return new PivToken(thread, card, info, clock ?? TimeProvider.System);
        }
        catch
        {
            await thread.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<PinState> GetPinStateAsync(CancellationToken cancellationToken = default) => RunAsync(() => _card.GetPinState(), cancellationToken);

    /// <inheritdoc/>
    public Task<PukState> GetPukStateAsync(CancellationToken cancellationToken = default) => RunAsync(() => _card.GetPukState(), cancellationToken);

    /// <inheritdoc/>
    public Task VerifyPinAsync(Pin pin, CancellationToken cancellationToken = default) => RunAsync(() => _card.VerifyPin(pin), cancellationToken);

    /// <inheritdoc/>
    public Task ChangePinAsync(Pin current, Pin replacement, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.ChangePin(current, replacement), cancellationToken);

    /// <inheritdoc/>
    public Task ChangePukAsync(Pin current, Pin replacement, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.ChangePuk(current, replacement), cancellationToken);

    /// <inheritdoc/>
    public Task UnblockPinAsync(Pin puk, Pin replacement, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.UnblockPin(puk, replacement), cancellationToken);

    /// <inheritdoc/>
    public Task SetRetriesAsync(int pinTries, int pukTries, Pin pin, Administration administration, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.SetRetries(pinTries, pukTries, pin, administration), cancellationToken);

    /// <inheritdoc/>
    public Task<ManagementKeyMetadata> GetManagementKeyMetadataAsync(CancellationToken cancellationToken = default)
        => RunAsync(() => _card.GetManagementKeyMetadata(), cancellationToken);

    /// <inheritdoc/>
    public Task ChangeManagementKeyAsync(ManagementKey replacement, Administration administration, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.ChangeManagementKey(replacement, administration), cancellationToken);

    /// <inheritdoc/>
    public Task ProtectManagementKeyAsync(Pin pin, Administration administration, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.ProtectManagementKey(pin, administration), cancellationToken);

    /// <inheritdoc/>
    public Task<SlotMetadata?> GetMetadataAsync(PivSlot slot, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.DescribeSlot(slot), cancellationToken);

    /// <inheritdoc/>
    public Task<PivPublicKey> GenerateAsync(
        PivSlot slot, PivAlgorithm algorithm, PinPolicy pinPolicy, TouchPolicy touchPolicy, Administration administration, CancellationToken cancellationToken = default)
        => RunAsync(
            () =>
            {
                _policies.Remove(slot);
                return _card.Generate(slot, algorithm, pinPolicy, touchPolicy, administration);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> SignAsync(PivSlot slot, PivAlgorithm algorithm, ReadOnlyMemory<byte> message, Pin? pin, CancellationToken cancellationToken = default)
        => RunAsync(() => UseKey(slot, pin, () => _card.SignMessage(slot, algorithm, message.Span)), cancellationToken);

    /// <inheritdoc/>
    public Task<TokenSecret> AgreeAsync(PivSlot slot, PivPublicKey peer, Pin? pin, CancellationToken cancellationToken = default)
        => RunAsync(() => UseKey(slot, pin, () => _card.Agree(slot, peer)), cancellationToken);

    /// <inheritdoc/>
    public Task<X509Certificate2?> GetCertificateAsync(PivSlot slot, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.GetCertificate(slot), cancellationToken);

    /// <inheritdoc/>
    public Task PutCertificateAsync(PivSlot slot, X509Certificate2 certificate, Administration administration, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.PutCertificate(slot, certificate, administration), cancellationToken);

    /// <inheritdoc/>
    public Task<X509Certificate2> SelfSignAsync(
        PivSlot slot,
        X500DistinguishedName subject,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter,
        Pin? pin,
        Administration administration,
        CancellationToken cancellationToken = default)
        => RunAsync(
            () =>
            {
                using IDisposable transaction = _card.BeginTransaction();
                SlotMetadata metadata = _card.DescribeSlot(slot) ?? throw PivCard.EmptySlot(slot, Apdu.StatusWord.ReferencedDataNotFound);
                _card.Authenticate(administration);
                X509Certificate2 certificate = UseKey(slot, pin, () => SlotCertificate.Create(_card, slot, metadata.PublicKey, subject, notBefore, notAfter));
                _card.PutCertificate(slot, certificate, administration);
                return certificate;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<X509Certificate2> AttestAsync(PivSlot slot, CancellationToken cancellationToken = default) => RunAsync(() => _card.Attest(slot), cancellationToken);

    /// <inheritdoc/>
    public Task MoveKeyAsync(PivSlot source, PivSlot destination, Administration administration, CancellationToken cancellationToken = default)
        => RunAsync(
            () =>
            {
                _policies.Clear();
                _card.MoveKey(source, destination, administration);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task DeleteKeyAsync(PivSlot slot, Administration administration, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.DeleteKey(slot, administration), cancellationToken);

    /// <inheritdoc/>
    public Task ResetAsync(CancellationToken cancellationToken = default)
        => RunAsync(
            () =>
            {
                _policies.Clear();
                _card.Reset();
            },
            cancellationToken);

    /// <summary>Waits for the pending operation, then ends the conversation.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Task<bool> ended = _thread.RunAsync(
            () =>
            {
                _card.Dispose();
                return true;
            },
            CancellationToken.None);
        await ended.ConfigureAwait(false);
        await _thread.DisposeAsync().ConfigureAwait(false);
    }

    private static (PivCard Card, TokenInfo Info) Open(ICardChannel channel, DeviceQuestion question)
    {
        string reader = channel.ReaderName;
        var card = PivCard.OpenOwned(channel, question);
        return (card, new TokenInfo(reader, card.Serial, card.Firmware, card.Device.FormFactor, card.Device.IsFips));
    }

    private Task<T> RunAsync<T>(Func<T> operation, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return _thread.RunAsync(operation, cancellationToken);
    }

    private Task<bool> RunAsync(Action operation, CancellationToken cancellationToken)
        => RunAsync(
            () =>
            {
                operation();
                return true;
            },
            cancellationToken);

    // PIN first and by itself, so that the person is asked for a touch only when the token really waits for one.
    private T UseKey<T>(PivSlot slot, Pin? pin, Func<T> use)
    {
        using IDisposable transaction = _card.BeginTransaction();
        TouchPolicy? policy = PolicyOf(slot);
        if (pin is not null)
            _card.VerifyPin(pin);
        bool prompts = policy switch
        {
            TouchPolicy.Never or TouchPolicy.Default => false,
            TouchPolicy.Cached => _lastCachedTouch is not { } last || _clock.GetElapsedTime(last) >= TouchEventArgs.Patience,
            _ => true,
        };
        if (!prompts)
            return use();

        var outcome = TouchState.Abandoned;
        Raise(slot, TouchState.Wanted, policy is not null);
        try
        {
            T result = use();
            outcome = TouchState.Touched;
            if (policy == TouchPolicy.Cached)
                _lastCachedTouch = _clock.GetTimestamp();
            return result;
        }
        catch (TouchTimedOutException)
        {
            outcome = TouchState.TimedOut;
            throw;
        }
        finally
        {
            Raise(slot, outcome, policy is not null);
        }
    }

    private TouchPolicy? PolicyOf(PivSlot slot)
    {
        if (!_policies.TryGetValue(slot, out TouchPolicy? policy))
        {
            policy = _card.FindTouchPolicy(slot);
            _policies[slot] = policy;
        }

        return policy;
    }

    private void Raise(PivSlot slot, TouchState state, bool isCertain) => TouchChanged?.Invoke(this, new TouchEventArgs(slot, state, isCertain));
}

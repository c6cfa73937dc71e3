using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens;

/// <summary>The token face over <see cref="PivCard"/>: any card behind any <see cref="ICardChannel"/>.</summary>
public sealed class PivToken : IToken
{
    private readonly CardThread _thread;
    private readonly PivCard _card;
    private readonly CardTurn _turn;
    private int _disposed;

    private PivToken(CardThread thread, PivCard card, CardTurn turn)
    {
        (_thread, _card, _turn) = (thread, card, turn);
        Info = new TokenInfo(turn.Reader, card.Serial, card.Firmware, card.Device.FormFactor, card.Device.IsFips);
        _card.TouchChanged += change => TouchChanged?.Invoke(this, change);
        _turn.Changed += change => BusyChanged?.Invoke(this, change);
    }

    /// <inheritdoc/>
    public TokenInfo Info { get; }

    /// <inheritdoc/>
    public event EventHandler<TouchEventArgs>? TouchChanged;

    /// <inheritdoc/>
    public event EventHandler<CardBusyEventArgs>? BusyChanged;

    /// <summary>Opens the card behind a channel, which is connected on the token's own thread.</summary>
    /// <param name="connect">Makes the channel, which the token then owns.</param>
    /// <param name="clock">Tells whether a cached touch may still be good; the system's if null.</param>
    /// <param name="cancellationToken">Before its turn, or while the card is busy.</param>
    /// <exception cref="TokenException">The card cannot be reached, or has no PIV application.</exception>
    public static Task<PivToken> OpenAsync(Func<ICardChannel> connect, TimeProvider? clock = null, CancellationToken cancellationToken = default)
        => OpenAsync(connect, DeviceQuestion.Ask, new CardTurn(), clock, cancellationToken);

    /// <summary>Opens the card behind a channel as <see cref="OpenAsync(Func{ICardChannel}, TimeProvider?, CancellationToken)"/> does, when its turn has come.</summary>
    internal static async Task<PivToken> OpenAsync(
        Func<ICardChannel> connect, DeviceQuestion question, CardTurn turn, TimeProvider? clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connect);
        clock ??= TimeProvider.System;
        var thread = new CardThread("token");
        try
        {
            turn.Cancellation = cancellationToken;
            PivCard card = await thread.RunAsync(() => PivCard.OpenOwned(turn.Await(connect), question, turn, clock), cancellationToken).ConfigureAwait(false);
            return new PivToken(thread, card, turn);
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
        => RunAsync(() => _card.Generate(slot, algorithm, pinPolicy, touchPolicy, administration), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> SignAsync(PivSlot slot, PivAlgorithm algorithm, ReadOnlyMemory<byte> message, Pin? pin, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.SignMessage(slot, algorithm, message.Span, pin), cancellationToken);

    /// <inheritdoc/>
    public Task<TokenSecret> AgreeAsync(PivSlot slot, PivPublicKey peer, Pin? pin, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.Agree(slot, peer, pin), cancellationToken);

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
        => RunAsync(() => SlotCertificate.Store(_card, slot, subject, notBefore, notAfter, pin, administration), cancellationToken);

    /// <inheritdoc/>
    public Task<X509Certificate2> AttestAsync(PivSlot slot, CancellationToken cancellationToken = default) => RunAsync(() => _card.Attest(slot), cancellationToken);

    /// <inheritdoc/>
    public Task MoveKeyAsync(PivSlot source, PivSlot destination, Administration administration, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.MoveKey(source, destination, administration), cancellationToken);

    /// <inheritdoc/>
    public Task DeleteKeyAsync(PivSlot slot, Administration administration, CancellationToken cancellationToken = default)
        => RunAsync(() => _card.DeleteKey(slot, administration), cancellationToken);

    /// <inheritdoc/>
    public Task ResetAsync(CancellationToken cancellationToken = default) => RunAsync(() => _card.Reset(), cancellationToken);

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

    private Task<T> RunAsync<T>(Func<T> operation, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return _thread.RunAsync(
            () =>
            {
                _turn.Cancellation = cancellationToken;
                return operation();
            },
            cancellationToken);
    }

    private Task<bool> RunAsync(Action operation, CancellationToken cancellationToken)
        => RunAsync(
            () =>
            {
                operation();
                return true;
            },
            cancellationToken);
}

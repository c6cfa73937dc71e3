using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;
using Yubico.Core.Devices.SmartCard;

namespace HardwareChat.Tokens.Yubico;

/// <summary>The token face over Yubico's SDK.</summary>
internal sealed class YubicoToken : IToken
{
    private readonly CardThread _thread;
    private readonly YubicoCard _card;
    private readonly CardTurn _turn;
    private int _disposed;

    private YubicoToken(CardThread thread, YubicoCard card, CardTurn turn)
    {
        (_thread, _card, _turn) = (thread, card, turn);
        _card.TouchChanged += change => TouchChanged?.Invoke(this, change);
        _turn.Changed += change => BusyChanged?.Invoke(this, change);
    }

    /// <inheritdoc/>
    public TokenInfo Info => _card.Info;

    /// <inheritdoc/>
    public event EventHandler<TouchEventArgs>? TouchChanged;

    /// <inheritdoc/>
    public event EventHandler<CardBusyEventArgs>? BusyChanged;

    /// <summary>Opens the token in a reader, on the token's own thread.</summary>
    /// <exception cref="TokenException">It cannot be reached, or has no PIV application.</exception>
    public static async Task<YubicoToken> OpenAsync(ISmartCardDevice reader, DeviceQuestion question, CardTurn turn, TimeProvider clock, CancellationToken cancellationToken)
    {
        var thread = new CardThread("token");
        try
        {
            turn.Cancellation = cancellationToken;
            YubicoCard card = await thread.RunAsync(() => YubicoCard.Open(reader, question, turn, clock), cancellationToken).ConfigureAwait(false);
            return new YubicoToken(thread, card, turn);
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
        => RunAsync(() => _card.SignMessage(slot, algorithm, message, pin), cancellationToken);

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
        => RunAsync(() => _card.SelfSign(slot, subject, notBefore, notAfter, pin, administration), cancellationToken);

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

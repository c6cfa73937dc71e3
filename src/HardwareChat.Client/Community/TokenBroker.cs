using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Client;

/// <summary>The PIN of a token is wanted.</summary>
/// <param name="Token">Which token: its serial, for a person.</param>
/// <param name="Purpose">What for.</param>
/// <param name="State">The tries that are left, as the card says.</param>
/// <param name="WasWrong">Whether the PIN given before was wrong.</param>
public sealed record PinRequest(string Token, string Purpose, PinState State, bool WasWrong);

/// <summary>What a token waits for, or no longer.</summary>
/// <param name="State">A touch is wanted, was given, or did not come.</param>
/// <param name="Purpose">What for: everything that the one touch covers.</param>
public sealed record TouchNotice(TouchState State, string Purpose);

/// <summary>The face that asks a person: it belongs to whoever wants the token, and can always be left.</summary>
public interface ITokenFace
{
    /// <summary>Asks for a PIN, which the broker disposes; null if the person gives up.</summary>
    Task<Pin?> AskPinAsync(PinRequest request, CancellationToken cancel);

    /// <summary>Shows that a touch is wanted, before the token waits for it, and what became of it.</summary>
    void ShowTouch(TouchNotice notice);
}

/// <summary>The one way to a person's token: one queue, one prompt. Owns the token.</summary>
public sealed class TokenBroker : IAsyncDisposable
{
    private const int PinAttempts = 3;

    private readonly IToken _token;
    private readonly ITokenFace _face;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private string _purpose = "";
    private CancellationTokenSource? _underWay;

    /// <summary>A broker over an open token.</summary>
    public TokenBroker(IToken ownedToken, ITokenFace face)
    {
        ArgumentNullException.ThrowIfNull(ownedToken);
        ArgumentNullException.ThrowIfNull(face);
        _token = ownedToken;
        _face = face;
        _token.TouchChanged += (_, touch) => _face.ShowTouch(new TouchNotice(touch.State, _purpose));
    }

    /// <summary>The token.</summary>
    public TokenInfo Info => _token.Info;

    /// <summary>Signs with a slot's key.</summary>
    /// <param name="slot">9A for touches, 9C for what admins say.</param>
    /// <param name="scheme">The key's algorithm.</param>
    /// <param name="message">The labelled bytes.</param>
    /// <param name="purpose">What for, in words for a person.</param>
    /// <param name="cancel">Gives up before the token's turn.</param>
    /// <exception cref="OperationCanceledException">The person gave up.</exception>
    public Task<byte[]> SignAsync(PivSlot slot, SignatureScheme scheme, ReadOnlyMemory<byte> message, string purpose, CancellationToken cancel = default)
        => WithPinAsync(purpose, pin => _token.SignAsync(slot, AlgorithmOf(scheme), message, pin, cancel), cancel);

    /// <summary>Does something else with the token, in its turn.</summary>
    public Task<T> UseAsync<T>(string purpose, Func<IToken, Pin?, Task<T>> use, CancellationToken cancel = default)
        => WithPinAsync(purpose, pin => use(_token, pin), cancel);

    /// <summary>The person gives up what the token waits for: whoever wanted it is told so at once. The token itself may blink on until its time is over.</summary>
    public void GiveUp() => Volatile.Read(ref _underWay)?.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _token.DisposeAsync();
        _turn.Dispose();
    }

    // First as verified before: a PIN is asked for only when the card wants one.
    private async Task<T> WithPinAsync<T>(string purpose, Func<Pin?, Task<T>> use, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        _purpose = purpose;

        // Not disposed: whoever gives up may hold it still, and it has no timer.
        var underWay = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Volatile.Write(ref _underWay, underWay);
        try
        {
            return await WithPinOrWithoutAsync(purpose, use, underWay.Token).WaitAsync(underWay.Token);
        }
        finally
        {
            Volatile.Write(ref _underWay, null);
            _turn.Release();
        }
    }

    private async Task<T> WithPinOrWithoutAsync<T>(string purpose, Func<Pin?, Task<T>> use, CancellationToken cancel)
    {
        try
        {
            return await use(null);
        }
        catch (PinRequiredException)
        {
            return await AskedAsync(purpose, use, cancel);
        }
    }

    private async Task<T> AskedAsync<T>(string purpose, Func<Pin?, Task<T>> use, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            PinState state = await _token.GetPinStateAsync(cancel);
            using Pin pin = await _face.AskPinAsync(new PinRequest($"{Info.Serial}", purpose, state, WasWrong: attempt > 1), cancel)
                ?? throw new OperationCanceledException("no PIN was given");
            try
            {
                return await use(pin);
            }
            catch (PinIncorrectException) when (attempt < PinAttempts)
            {
                // Asked again, with the tries that are left.
            }
        }
    }

    private static PivAlgorithm AlgorithmOf(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => PivAlgorithm.EccP256,
        SignatureScheme.EcdsaSecp384r1Sha384 => PivAlgorithm.EccP384,
        SignatureScheme.Ed25519 => PivAlgorithm.Ed25519,
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };
}

namespace HardwareChat.Tokens;

/// <summary>A way to tokens: the built-in PC/SC driver, the simulated cards, or Yubico's SDK.</summary>
public interface ITokenDriver
{
    /// <summary>The name by which a person chooses it, such as "pcsc".</summary>
    string Name { get; }

    /// <summary>The card to be opened is busy, and <see cref="OpenAsync"/> waits for it; or does not any more. Raised on another thread: handlers return at once.</summary>
    event EventHandler<CardBusyEventArgs>? BusyChanged;

    /// <summary>What is plugged in now. A card that cannot be used is listed with its <see cref="TokenInfo.Problem"/>.</summary>
    /// <exception cref="CardChannelException">There is no smart card service, or no right to use it. No reader is an empty list.</exception>
    Task<IReadOnlyList<TokenInfo>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Opens a token that <see cref="ListAsync"/> named. The caller disposes it.</summary>
    /// <exception cref="CardChannelException">It is gone, or stayed busy.</exception>
    Task<IToken> OpenAsync(TokenInfo token, CancellationToken cancellationToken = default);

    /// <summary>Yields once at the start, then whenever a token may have come or gone; <see cref="ListAsync"/> then says which. Ends by cancellation.</summary>
    IAsyncEnumerable<TokenArrival> WatchAsync(CancellationToken cancellationToken = default);
}

/// <summary>News from <see cref="ITokenDriver.WatchAsync"/>.</summary>
/// <param name="Readers">The readers that hold a card now.</param>
/// <param name="Trouble">Why none can be seen (no service yet, no reader), or <see langword="null"/>.</param>
public sealed record TokenArrival(IReadOnlyList<string> Readers, CardChannelException? Trouble);

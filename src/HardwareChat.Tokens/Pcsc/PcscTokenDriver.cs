using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Pcsc;

/// <summary>The built-in driver: tokens in the readers of the system's smart card service.</summary>
public sealed class PcscTokenDriver : ITokenDriver
{
    private static readonly TimeSpan RetryAfterTrouble = TimeSpan.FromSeconds(2);

    // A list is wanted now: a card that another program has longer is listed as busy.
    private static readonly TimeSpan PatienceOfLists = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public event EventHandler<CardBusyEventArgs>? BusyChanged;

    /// <inheritdoc/>
    public string Name => "pcsc";

    /// <summary>How long an operation waits for a card that another program has.</summary>
    public TimeSpan Patience { get; init; } = CardTurn.DefaultPatience;

    /// <summary>Times the touches that cards remember.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TokenInfo>> ListAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<string> readers = await Task.Run(ReadersWithCards, cancellationToken).ConfigureAwait(false);
        var tokens = new List<TokenInfo>();
        foreach (string reader in readers)
        {
            try
            {
                var turn = new CardTurn(reader, locked: true) { Patience = PatienceOfLists };
                await using PivToken token = await PivToken.OpenAsync(
                    new PcscConnection(reader).Open, DeviceQuestion.AskForSerialOnly, turn, null, cancellationToken).ConfigureAwait(false);
                tokens.Add(token.Info);
            }
            catch (TokenException problem)
            {
                tokens.Add(new TokenInfo(reader, Problem: problem));
            }
        }

        return tokens;
    }

    /// <inheritdoc/>
    public async Task<IToken> OpenAsync(TokenInfo token, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        var turn = new CardTurn(token.Reader, locked: true) { Patience = Patience };
        turn.Changed += TellWhileOpening;
        PivToken open = await PivToken.OpenAsync(new PcscConnection(token.Reader).Open, DeviceQuestion.Ask, turn, Clock, cancellationToken).ConfigureAwait(false);
        turn.Changed -= TellWhileOpening;
        return open;

        void TellWhileOpening(CardBusyEventArgs change) => BusyChanged?.Invoke(this, change);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TokenArrival> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // One place: only the newest state matters, so a slow reader never makes a queue.
        Channel<TokenArrival> news = Channel.CreateBounded<TokenArrival>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        // Ended too by whoever leaves the loop: the thread must not outlive it. Not disposed, since the thread may still look at it.
        var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        new Thread(() => Watch(news.Writer, ended.Token)) { IsBackground = true, Name = "readers" }.Start();
        try
        {
            await foreach (TokenArrival arrival in news.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return arrival;
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private static IReadOnlyList<string> ReadersWithCards()
    {
        using PcscContext context = PcscContext.Establish();
        return context.ListReadersWithCards();
    }

    // A service that stops, or has not started (Windows starts it with the first reader), is news, not the end: a new context is tried.
    private static void Watch(ChannelWriter<TokenArrival> news, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    using PcscContext context = PcscContext.Establish();
                    using CancellationTokenRegistration registration = cancellationToken.Register(context.Cancel);
                    WatchReaders(context, news, cancellationToken);
                }
                catch (CardChannelException trouble)
                {
                    news.TryWrite(new TokenArrival([], trouble));
                    cancellationToken.WaitHandle.WaitOne(RetryAfterTrouble);
                }
            }

            news.TryComplete();
        }
        catch (Exception error)
        {
            news.TryComplete(error);
        }
    }

    private static void WatchReaders(PcscContext context, ChannelWriter<TokenArrival> news, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            ReaderState[] known = context.Snapshot();
            news.TryWrite(new TokenArrival([.. known.Where(state => state.HoldsCard).Select(state => state.Name)], null));
            if (!context.WaitForChange(known, cancellationToken))
                return;
        }
    }
}

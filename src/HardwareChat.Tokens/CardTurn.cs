namespace HardwareChat.Tokens;

/// <summary>This program's turn at one card. Our own processes queue by lock files; for other programs it waits, bounded and cancellable.</summary>
/// <remarks>
/// Not the card's thread but its queue: one object a token, used from the token's thread alone, but for <see cref="Patience"/>, which is set
/// before. Whoever waits is told so, once it waits and once it does not any more.
/// </remarks>
public sealed class CardTurn
{
    /// <summary>A little more than another program's touch lasts.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _clock;
    private readonly bool _locked;
    private readonly List<CardLock> _locks = [];

    /// <summary>A turn at a card.</summary>
    /// <param name="reader">The reader that holds it; empty if not known yet.</param>
    /// <param name="locked">Whether processes of ours exclude each other by lock files, too. Needless where a card lives in this process.</param>
    /// <param name="clock">Bounds the wait; the system's if null.</param>
    public CardTurn(string reader = "", bool locked = false, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Reader = reader;
        _locked = locked;
        _clock = clock ?? TimeProvider.System;
        if (locked && reader.Length > 0)
            _locks.Add(CardLock.ForReader(reader));
    }

    /// <summary>The wait begins, or is over. Raised on the thread that waits: handlers return at once.</summary>
    public event Action<CardBusyEventArgs>? Changed;

    /// <summary>The reader that holds the card; empty if it is not known yet.</summary>
    public string Reader { get; private set; }

    /// <summary>How long to wait for a card that somebody else uses.</summary>
    public TimeSpan Patience { get; init; } = DefaultPatience;

    /// <summary>The cancellation of the operation that is under way. It ends a wait, never an APDU.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>Says which card it is, once that is known. From then on the lock goes by the serial number too, for drivers that know no readers.</summary>
    public void Identify(string reader, uint? serial)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Reader = reader;
        if (!_locked)
            return;

        // Always reader before serial: two processes that take both in another order would wait for each other.
        _locks.Clear();
        _locks.Add(CardLock.ForReader(reader));
        if (serial is { } number)
            _locks.Add(CardLock.ForSerial(number));
    }

    /// <summary>Takes the card for this program: lock files first, then the channel's transaction. Disposing gives both back.</summary>
    /// <exception cref="CardChannelException">As <see cref="ICardChannel.BeginTransaction"/>; <see cref="CardFault.Busy"/> after <see cref="Patience"/>.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public IDisposable Take(ICardChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return Take(channel.BeginTransaction);
    }

    /// <summary>Takes the card for this program, where something else than a channel keeps other programs from it: lock files first, then <paramref name="hold"/>.</summary>
    /// <remarks>Exceptions as above.</remarks>
    public IDisposable Take(Func<IDisposable> hold)
    {
        ArgumentNullException.ThrowIfNull(hold);
        long start = _clock.GetTimestamp();
        var held = new Held();
        try
        {
            foreach (CardLock file in _locks)
                held.Add(Await(start, file.Take));
            held.Add(Await(start, hold));
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Calls <paramref name="attempt"/> until it is not <see cref="CardFault.Busy"/> any more, within <see cref="Patience"/>.</summary>
    /// <exception cref="CardChannelException">What the attempt throws; <see cref="CardFault.Busy"/>, naming the likely holder, when patience has run out.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public T Await<T>(Func<T> attempt)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(attempt);
        return Await(_clock.GetTimestamp(), attempt);
    }

    private T Await<T>(long start, Func<T> attempt)
        where T : class
    {
        string? holder = null;
        bool waits = false;
        T? taken = null;
        try
        {
            while (true)
            {
                Cancellation.ThrowIfCancellationRequested();
                try
                {
                    taken = attempt();
                    break;
                }
                catch (CardChannelException busy) when (busy.Fault == CardFault.Busy)
                {
                    if (!waits)
                    {
                        holder = busy is CardHeldException { Holder: { } ours } ? ours : CardHolders.Likely();
                        waits = true;
                        Tell(CardBusyState.Waiting, holder);
                    }

                    if (_clock.GetElapsedTime(start) >= Patience)
                        throw CardHolders.Busy(holder, busy);
                }

                Cancellation.WaitHandle.WaitOne(Pause);
            }
        }
        catch when (waits)
        {
            Tell(CardBusyState.GivenUp, holder);
            throw;
        }

        if (waits)
            TellFree(taken, holder);
        return taken;
    }

    // A handler that fails must not leave a card taken that nobody gives back.
    private void TellFree(object taken, string? holder)
    {
        try
        {
            Tell(CardBusyState.Free, holder);
        }
        catch
        {
            (taken as IDisposable)?.Dispose();
            throw;
        }
    }

    private void Tell(CardBusyState state, string? holder) => Changed?.Invoke(new CardBusyEventArgs(Reader, state, holder));

    private sealed class Held : IDisposable
    {
        private readonly Stack<IDisposable> _parts = new();

        public void Add(IDisposable part) => _parts.Push(part);

        public void Dispose()
        {
            while (_parts.TryPop(out IDisposable? part))
                part.Dispose();
        }
    }
}

namespace HardwareChat.Relay;

/// <summary>Tries whether a store can be written, but not again and again: whoever asks for readiness must not wear out the disk.</summary>
internal sealed class RecentWrite
{
    private const long GoodForMilliseconds = 5000;

    private long _good = long.MinValue;

    /// <summary>How a store is: by its damage, by a write, and by whether it heals.</summary>
    /// <param name="store">The store.</param>
    /// <param name="write">Writes something of no weight.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async ValueTask<StoreHealth> HealthAsync(IRelayStore store, Func<Task> write, CancellationToken cancel)
    {
        if (store.Damage is not null)
            return StoreHealth.ReadOnly;
        try
        {
            if (Environment.TickCount64 - GoodForMilliseconds > Volatile.Read(ref _good))
            {
                await write();
                Volatile.Write(ref _good, Environment.TickCount64);
            }
            return await store.IsRestoredAsync(cancel) ? StoreHealth.Healing : StoreHealth.Sound;
        }
        catch (StoreException e)
        {
            Volatile.Write(ref _good, long.MinValue);
            return e is StoreUnusableException ? StoreHealth.ReadOnly : StoreHealth.Unreachable;
        }
    }
}

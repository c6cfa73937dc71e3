using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>What a relay does by the clock: sweeping connections, renewing leases, ending healing, and the drain at its end.</summary>
internal sealed partial class Housekeeping(
    ConnectionTable connections, RoomHub hub, ProcessDirectory processes, IRelayStore store, RelayOptions options, RelayTime time, ILogger<Housekeeping> log) : BackgroundService
{
    private const ulong Day = 24 * 3600;
    private const uint ReturnAfter = 2;
    private const int RoomsAtATime = 100;

    private ulong? _healingSince;

    /// <summary>Whether clients may be sent here.</summary>
    public async Task<bool> IsReadyAsync() => !connections.IsDraining && await store.CheckAsync() is StoreHealth.Sound or StoreHealth.Healing;

    /// <summary>Tells the clients to come back, lets the appends under way be acknowledged, and closes.</summary>
    public async Task DrainAsync(CancellationToken cancel)
    {
        connections.BeginDrain(new Drain(ReturnAfter, options.DrainTo ?? ""));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            await connections.FinishAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            LogDrainCut(log, connections.Count);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        long second = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                connections.Sweep();
                await processes.AnnounceAsync();
                if (++second % 5 == 0)
                    await hub.RenewAsync();
                if (second % 5 == 0)
                    await HealAsync(stoppingToken);
                if (second % (long)Day == 0 && await store.ExamineAsync(stoppingToken) is { } fault)
                    LogDamaged(log, fault);
                if (second % 60 == 1)
                    await EveryMinuteAsync(stoppingToken);
            }
            catch (Exception e) when (e is StoreException or OrleansException or TimeoutException)
            {
                LogFailed(log, e);
            }
        }
    }

    // Clients have had their time to bring back what a restored store lacks, counted from this process's first look.
    private async Task HealAsync(CancellationToken cancel)
    {
        ulong now = time.UnixSeconds();
        if (!await store.IsRestoredAsync(cancel))
            _healingSince = null;
        else if (now - (_healingSince ??= now) >= (ulong)options.HealingMinutes * 60)
        {
            await store.EndHealingAsync(cancel);
            LogHealed(log);
        }
    }

    private async Task EveryMinuteAsync(CancellationToken cancel)
    {
        ulong now = time.UnixSeconds();
        await store.ExpireWelcomesAsync(now - Math.Min(now, ProtocolLimits.KeyPackageLifetimeCeiling), cancel);
        ulong blobs = now - Math.Min(now, (ulong)options.Limits.BlobDays * Day);
        await store.ExpireBlobsAsync(blobs, now - Math.Min(now, Day), 100, cancel);
        if (options.Limits.MessageDays == 0)
            return;
        ulong messages = now - Math.Min(now, (ulong)options.Limits.MessageDays * Day);
        foreach (RoomId room in await store.RoomsToExpireAsync(messages, RoomsAtATime, cancel))
            await hub.Grain(room).ExpireAsync(messages);
    }

    [LoggerMessage(1, LogLevel.Warning, "the drain was cut short with {Count} clients connected")]
    private static partial void LogDrainCut(ILogger logger, int count);

    [LoggerMessage(3, LogLevel.Critical, "the store is damaged and takes nothing any more: {Fault}")]
    private static partial void LogDamaged(ILogger logger, string fault);

    [LoggerMessage(4, LogLevel.Information, "the healing of the restored store is over")]
    private static partial void LogHealed(ILogger logger);

    [LoggerMessage(2, LogLevel.Warning, "housekeeping failed, and is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

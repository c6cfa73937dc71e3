using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>What a relay does by the clock: sweeping connections, renewing leases, ending healing, and the drain at its end.</summary>
internal sealed partial class Housekeeping(
    ConnectionTable connections, RoomHub hub, ProcessDirectory processes, IRelayStore store, RelayOptions options, RelayTime time, ILogger<Housekeeping> log) : BackgroundService
{
    private const ulong Day = 24 * 3600;
    private const uint ReturnAfter = 2;
    private const int RoomsAtATime = 100;

    private ulong? _healingSince = time.UnixSeconds();
    private ulong _examinedAt = time.UnixSeconds();
    private Task _examining = Task.CompletedTask;

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
        if (store.Damage is { } damage)
            LogDamaged(log, damage);
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
                Examine(stoppingToken);
                if (second % 60 == 1)
                    await EveryMinuteAsync(stoppingToken);
            }
            catch (Exception e) when (e is StoreException or OrleansException or TimeoutException)
            {
                LogFailed(log, e);
            }
        }
    }

    // All of the store is read, which may take minutes: everything else goes on meanwhile.
    private void Examine(CancellationToken cancel)
    {
        ulong now = time.UnixSeconds();
        if (!_examining.IsCompleted || now - Math.Min(now, _examinedAt) < Day)
            return;
        _examinedAt = now;
        _examining = ExamineAsync(cancel);
    }

    private async Task ExamineAsync(CancellationToken cancel)
    {
        try
        {
            if (await store.ExamineAsync(cancel) is { } fault)
                LogDamaged(log, fault);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            LogFailed(log, e);
        }
    }

    // Clients have had their time to bring back what a restored store lacks, counted from this process's start, or from when it first saw that the store heals.
    private async Task HealAsync(CancellationToken cancel)
    {
        ulong now = time.UnixSeconds();
        if (!await store.IsRestoredAsync(cancel))
            _healingSince = null;
        else if (now - Math.Min(now, _healingSince ??= now) >= (ulong)options.HealingMinutes * 60)
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

    [LoggerMessage(3, LogLevel.Critical, "the store takes nothing any more, and this relay is not ready; restore a backup (docs/OPERATIONS.md): {Fault}")]
    private static partial void LogDamaged(ILogger logger, string fault);

    [LoggerMessage(4, LogLevel.Information, "the healing of the restored store is over")]
    private static partial void LogHealed(ILogger logger);

    [LoggerMessage(2, LogLevel.Warning, "housekeeping failed, and is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

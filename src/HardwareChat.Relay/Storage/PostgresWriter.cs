using System.Threading.Channels;
using Npgsql;

namespace HardwareChat.Relay;

/// <summary>The one connection that writes: whatever has gathered goes into one transaction, and so shares one flush of the database's log.</summary>
/// <remarks>
/// As SqliteWriter's: if a statement fails, all is rolled back and each piece of work runs again alone. If the connection fails,
/// nobody knows what was committed: all are told that it was not done, and whoever asked reads before it asks again.
/// </remarks>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private const int JobsPerCommit = 256;

    private readonly NpgsqlDataSource _source;
    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(8192) { SingleReader = true });
    private readonly Task _writing;

    /// <summary>A writer of this database.</summary>
    public PostgresWriter(NpgsqlDataSource source)
    {
        _source = source;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>The damage that was found; null while there is none.</summary>
    public StoreUnusableException? Damage { get; private set; }

    /// <summary>Takes no more work: the store is damaged.</summary>
    public void Stop(StoreUnusableException damage) => Damage ??= damage;

    /// <summary>Runs work in a transaction; completes when it is on disk.</summary>
    /// <exception cref="StoreException">Not done, or not known to be.</exception>
    public async Task<T> RunAsync<T>(Func<PostgresSession, Task<T>> work, CancellationToken cancel = default)
    {
        if (Damage is { } damage)
            throw new StoreUnusableException(damage.Message, damage);
        var job = new Job<T>(work);
        try
        {
            await _jobs.Writer.WriteAsync(job, cancel);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreUnavailableException("the store is being closed", e);
        }
        return await job.Done.Task;
    }

    /// <summary>Finishes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync()
    {
        var taken = new List<Job>();
        while (await _jobs.Reader.WaitToReadAsync())
        {
            while (taken.Count < JobsPerCommit && _jobs.Reader.TryRead(out Job? job))
                taken.Add(job);
            Exception? failure = await TryCommitAsync(taken);
            if (failure is not null && (taken.Count == 1 || failure is StoreUnavailableException { InnerException: not PostgresException }))
            {
                foreach (Job job in taken)
                    job.Fail(failure);
            }
            else if (failure is not null)
            {
                foreach (Job job in taken)
                {
                    if (await TryCommitAsync([job]) is { } own)
                        job.Fail(own);
                }
            }
            taken.Clear();
        }
    }

    // Null when all are on disk and have been told so. The pool hands out a new connection after one has failed.
    private async Task<Exception?> TryCommitAsync(List<Job> jobs)
    {
        try
        {
            await using NpgsqlConnection connection = await _source.OpenConnectionAsync();
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
            var session = new PostgresSession(connection);
            foreach (Job job in jobs)
                await job.RunAsync(session);
            await transaction.CommitAsync();
        }
#pragma warning disable CA1031 // The caller's mistake is the caller's exception: it must not end the task that writes for all.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e is NpgsqlException or TimeoutException or IOException ? PostgresSchema.Meaning(e) : e;
        }
        foreach (Job job in jobs)
            job.Complete();
        return null;
    }

    private abstract class Job
    {
        public abstract Task RunAsync(PostgresSession writer);

        public abstract void Complete();

        public abstract void Fail(Exception e);
    }

    private sealed class Job<T>(Func<PostgresSession, Task<T>> work) : Job
    {
        private T? _result;

        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async Task RunAsync(PostgresSession writer) => _result = await work(writer);

        public override void Complete() => Done.TrySetResult(_result!);

        public override void Fail(Exception e) => Done.TrySetException(e);
    }
}

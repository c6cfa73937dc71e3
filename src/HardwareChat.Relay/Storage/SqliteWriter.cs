using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <summary>The one thread that writes: whatever has gathered goes into one transaction, and so shares one flush of the disk.</summary>
/// <remarks>
/// If anything in a transaction fails, all of it is rolled back, and each piece of work runs again in a transaction of its own:
/// what fails then fails alone. Nothing is told to be done before its COMMIT has returned.
/// </remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int JobsPerCommit = 1024;

    private readonly SqliteSession _session;
    private readonly Action _onRollback;
    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(8192) { SingleReader = true });
    private readonly Thread _thread;

    /// <summary>A writer over a session, which it owns.</summary>
    /// <param name="session">The session.</param>
    /// <param name="onRollback">Called on the writing thread after a rollback: whatever was remembered of the store is doubtful.</param>
    public SqliteWriter(SqliteSession session, Action onRollback)
    {
        _session = session;
        _onRollback = onRollback;
        _thread = new Thread(Write) { IsBackground = true, Name = "hwchat-relay store" };
        _thread.Start();
    }

    /// <summary>The damage that the writer has met; null while there is none.</summary>
    public StoreUnusableException? Damage { get; private set; }

    /// <summary>Takes no more work: the store is damaged.</summary>
    public void Stop(StoreUnusableException damage) => Damage ??= damage;

    /// <summary>Runs work in a transaction; completes when it is on disk.</summary>
    /// <exception cref="StoreException">Not done; nothing of it is on disk.</exception>
    public async Task<T> RunAsync<T>(Func<SqliteSession, T> work, CancellationToken cancel = default)
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

    /// <summary>Finishes what waits, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await Task.Run(_thread.Join);
        _session.Dispose();
    }

    private void Write()
    {
        var taken = new List<Job>();
        while (_jobs.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (taken.Count < JobsPerCommit && _jobs.Reader.TryRead(out Job? job))
                taken.Add(job);
            if (TryCommit(taken) is not null)
            {
                foreach (Job job in taken)
                {
                    if (TryCommit([job]) is { } failure)
                        job.Fail(failure);
                }
            }
            taken.Clear();
        }
    }

    // Null when all are on disk and have been told so.
    private Exception? TryCommit(List<Job> jobs)
    {
        try
        {
            _session["BEGIN IMMEDIATE", 0].Run();
            foreach (Job job in jobs)
                job.Run(_session);
            _session["COMMIT", 0].Run();
        }
#pragma warning disable CA1031 // The caller's mistake is the caller's exception: it must not end the thread that writes for all.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Exception meaning = e is SqliteException failure ? SqliteSchema.Meaning(failure) : e;
            Damage ??= meaning as StoreUnusableException;
            Rollback();
            return meaning;
        }
        foreach (Job job in jobs)
            job.Complete();
        return null;
    }

    private void Rollback()
    {
        _onRollback();
        try
        {
            _session["ROLLBACK", 0].Run();
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself: it does so when the disk is full or fails.
        }
    }

    private abstract class Job
    {
        public abstract void Run(SqliteSession writer);

        public abstract void Complete();

        public abstract void Fail(Exception e);
    }

    private sealed class Job<T>(Func<SqliteSession, T> work) : Job
    {
        private T? _result;

        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Run(SqliteSession writer) => _result = work(writer);

        public override void Complete() => Done.TrySetResult(_result!);

        public override void Fail(Exception e) => Done.TrySetException(e);
    }
}

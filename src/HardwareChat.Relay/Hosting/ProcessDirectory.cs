using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>What every process of a relay is told.</summary>
internal interface IProcessObserver : IGrainObserver
{
    /// <summary>The registry has grown.</summary>
    [OneWay]
    Task RegistryGrewAsync();

    /// <summary>A Welcome waits for these users.</summary>
    [OneWay]
    Task WelcomeAsync(string[] handles, byte[] frame);
}

/// <summary>The processes of a cluster: each makes itself known again before its lease is over.</summary>
internal interface IProcessesGrain : IGrainWithIntegerKey
{
    /// <summary>A process is there.</summary>
    Task AnnounceAsync(string process, IProcessObserver observer);

    /// <summary>Tells all processes but one that the registry has grown.</summary>
    Task RegistryGrewAsync(string except);

    /// <summary>Tells all processes but one that a Welcome waits.</summary>
    Task WelcomeAsync(string except, string[] handles, byte[] frame);
}

/// <summary>Passes on what concerns every process.</summary>
internal sealed class ProcessesGrain(RelayTime time) : Grain, IProcessesGrain
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (IProcessObserver Observer, long Since)> _processes = [];

    /// <inheritdoc/>
    public Task AnnounceAsync(string process, IProcessObserver observer)
    {
        _processes[process] = (observer, time.GetTimestamp());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RegistryGrewAsync(string except) => TellAsync(except, static observer => observer.RegistryGrewAsync());

    /// <inheritdoc/>
    public Task WelcomeAsync(string except, string[] handles, byte[] frame) => TellAsync(except, observer => observer.WelcomeAsync(handles, frame));

    private async Task TellAsync(string except, Func<IProcessObserver, Task> tell)
    {
        foreach ((string process, (IProcessObserver observer, long since)) in _processes.ToArray())
        {
            if (time.GetElapsedTime(since) > Lease)
                _processes.Remove(process);
            else if (process != except)
                await tell(observer);
        }
    }
}

/// <summary>This process's way to all others; a relay of one process is its own and only one.</summary>
internal sealed class ProcessDirectory : IProcessObserver
{
    private readonly string _process = Guid.NewGuid().ToString("N");
    private readonly Lazy<IGrainFactory> _grains;
    private readonly RegistryView _registry;
    private readonly ConnectionTable _connections;
    private readonly bool _clustered;
    private IProcessObserver? _reference;

    public ProcessDirectory(IServiceProvider services, RegistryView registry, ConnectionTable connections, RelayOptions options)
    {
        _grains = new Lazy<IGrainFactory>(services.GetRequiredService<IGrainFactory>);
        _registry = registry;
        _connections = connections;
        _clustered = options.Cluster is not null;
    }

    private IProcessesGrain All => _grains.Value.GetGrain<IProcessesGrain>(0);

    /// <summary>Makes this process known, again and again.</summary>
    public async Task AnnounceAsync()
    {
        if (!_clustered)
            return;
        _reference ??= _grains.Value.CreateObjectReference<IProcessObserver>(this);
        await All.AnnounceAsync(_process, _reference);
        await _registry.CatchUpAsync(CancellationToken.None);
    }

    /// <summary>The registry has grown in the store: every process reads it.</summary>
    public async Task RegistryGrewAsync()
    {
        if (_clustered)
            await All.RegistryGrewAsync(_process);
    }

    /// <summary>A Welcome waits for these users.</summary>
    public async Task WelcomeAsync(IReadOnlyList<Handle> handles, byte[] frame)
    {
        string[] names = [.. handles.Select(static handle => handle.ToString())];
        _connections.PushTo(names, frame);
        if (_clustered)
            await All.WelcomeAsync(_process, names, frame);
    }

    /// <inheritdoc/>
    Task IProcessObserver.RegistryGrewAsync() => _registry.CatchUpAsync(CancellationToken.None);

    /// <inheritdoc/>
    Task IProcessObserver.WelcomeAsync(string[] handles, byte[] frame)
    {
        _connections.PushTo(handles, frame);
        return Task.CompletedTask;
    }
}

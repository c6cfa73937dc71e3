using HardwareChat.Protocol;
using HardwareChat.Relay;
using HardwareChat.Tokens.Simulator;
using Microsoft.Extensions.Logging;

namespace HardwareChat.EndToEnd.Tests;

/// <summary>A relay and a community on this machine, founded by alice.</summary>
internal sealed class Village : IAsyncDisposable
{
    private readonly string _folder;
    private readonly SimulatedCardStore _cards;
    private readonly List<Person> _people = [];
    private readonly Action<RelayLimits>? _setLimits;
    private string? _place;

    private Village(string folder, Action<RelayLimits>? setLimits)
    {
        _folder = folder;
        _setLimits = setLimits;
        _cards = new SimulatedCardStore(TokenFolder);
        Relay = Build();
    }

    public RelayApplication Relay { get; private set; }

    public static async Task<Village> FoundAsync(Action<RelayLimits>? setLimits = null)
    {
        var village = new Village(Directory.CreateTempSubdirectory("hwchat-story-").FullName, setLimits);
        await village.Relay.StartAsync();
        village._place = village.Relay.Address.Authority;
        using SimulatedAttestationRoot root = village._cards.OpenRoot();
        Person alice = await village.PersonAsync("alice");
        await alice.FoundAsync(village.Relay.SetupLink!, new RegistryPolicy { Version = 0, AttestationRoots = [root.Certificate.RawData] });
        await alice.Client.ConnectAsync();
        return village;
    }

    /// <summary>Where the simulated tokens are, and the root that they are attested by.</summary>
    public string TokenFolder => Path.Combine(_folder, "tokens");

    public Person Alice => _people[0];

    /// <summary>A person with a token, who is in no community yet.</summary>
    public async Task<Person> PersonAsync(string name)
    {
        Person person = await Person.CreateAsync(name, _cards, _folder);
        _people.Add(person);
        return person;
    }

    /// <summary>A person whom alice has invited, enrolled and connected.</summary>
    public async Task<Person> NeighbourAsync(string name)
    {
        Person person = await PersonAsync(name);
        await person.EnrolAsync(Alice);
        return person;
    }

    /// <summary>What the relay has on disk now, for <see cref="RollBackAsync"/>.</summary>
    public async Task<IReadOnlyDictionary<string, byte[]>> RememberAsync()
    {
        await Relay.DisposeAsync();
        var files = Directory.GetFiles(Path.Combine(_folder, "relay"), "relay.db*").ToDictionary(static path => path, File.ReadAllBytes);
        Relay = Build(_place!);
        await Relay.StartAsync();
        return files;
    }

    /// <summary>A relay that takes back what it has said: its old files, and not a word about it.</summary>
    public async Task RollBackAsync(IReadOnlyDictionary<string, byte[]> files)
    {
        await Relay.DisposeAsync();
        foreach (string path in Directory.GetFiles(Path.Combine(_folder, "relay"), "relay.db*"))
            File.Delete(path);
        foreach ((string path, byte[] bytes) in files)
            await File.WriteAllBytesAsync(path, bytes);
        Relay = Build(_place!);
        await Relay.StartAsync();
    }

    /// <summary>Looks into the files of the relay.</summary>
    public T CountInRelayFiles<T>(Func<string[], T> count) => count(Directory.GetFiles(Path.Combine(_folder, "relay"), "*", SearchOption.AllDirectories));

    /// <summary>Ends the relay without ceremony, and starts it again over its store, at another port.</summary>
    public async Task RestartRelayAsync()
    {
        await Relay.DisposeAsync();
        Relay = Build();
        await Relay.StartAsync();
    }

    /// <summary>Ends the relay, if somebody has not, and starts it again where it stood first.</summary>
    public async Task PauseRelayAsync(Func<Task>? meanwhile = null)
    {
        string place = _place!;
        await Relay.DisposeAsync();
        if (meanwhile is not null)
            await meanwhile();
        Relay = Build(place);
        await Relay.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Person person in _people)
            await person.DisposeAsync();
        await Relay.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private RelayApplication Build(string listen = "127.0.0.1:0")
    {
        string data = Path.Combine(_folder, "relay");
        Directory.CreateDirectory(data);
        var options = new RelayOptions { Listen = listen, Data = data };
        _setLimits?.Invoke(options.Limits);
        return RelayApplication.Build(
            options, SqliteStore.Open(Path.Combine(data, "relay.db")), static builder => builder.Logging.ClearProviders());
    }
}

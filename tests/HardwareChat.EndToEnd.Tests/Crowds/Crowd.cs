using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.EndToEnd.Tests.Crowds;

/// <summary>What became of a crowd.</summary>
/// <param name="Said">Messages that were acknowledged.</param>
/// <param name="Deaths">Clients that were killed.</param>
internal sealed record CrowdReport(int Said, int Deaths);

/// <summary>People who chat in one room, and are killed at random; at the end all have the same transcript, with each acknowledged message once and each sender's in order.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Village _village;
    private readonly Random _random;
    private readonly List<Person> _people;
    private readonly RoomId _room;
    private readonly ConcurrentBag<string> _acknowledged = [];
    private readonly Dictionary<Person, SemaphoreSlim> _lives;
    private int _deaths;

    private Crowd(Village village, Random random, List<Person> people, RoomId room)
    {
        (_village, _random, _people, _room) = (village, random, people, room);
        _lives = people.ToDictionary(static person => person, static _ => new SemaphoreSlim(1, 1));
    }

    public static async Task<Crowd> FoundAsync(int people, int seed)
    {
        Village village = await Village.FoundAsync();
        var all = new List<Person> { village.Alice };
        for (int i = 1; i < people; i++)
            all.Add(await village.NeighbourAsync(string.Create(CultureInfo.InvariantCulture, $"guest{i}")));
        RoomId room = await village.Alice.Client.CreateRoomAsync("square", RoomSettings.Standard);
        await village.Alice.Client.AddAsync(room, [.. all.Skip(1).Select(static person => person.Handle)]);
        foreach (Person person in all.Skip(1))
        {
            await person.SeesAsync<ClientEvent.Invited>(static _ => true);
            await person.Client.AcceptAsync(room);
        }
        return new Crowd(village, new Random(seed), all, room);
    }

    /// <summary>Lets them chat, and dies with some of them, for so long.</summary>
    public async Task<CrowdReport> RunAsync(TimeSpan time, TimeSpan betweenDeaths)
    {
        using var over = new CancellationTokenSource(time);
        int[] seeds = [.. _people.Select(_ => _random.Next())];
        Task[] chatting = [.. _people.Select((person, i) => ChatAsync(person, new Random(seeds[i]), over.Token))];
        await KillAsync(betweenDeaths, over.Token);
        await Task.WhenAll(chatting);
        await AgreeAsync();
        return new CrowdReport(_acknowledged.Count, _deaths);
    }

    public ValueTask DisposeAsync() => _village.DisposeAsync();

    private async Task ChatAsync(Person person, Random random, CancellationToken over)
    {
        for (int said = 1; !over.IsCancellationRequested; said++)
        {
            await Task.Delay(random.Next(100, 600), CancellationToken.None);
            string text = string.Create(CultureInfo.InvariantCulture, $"{person.Handle} {said:D6}");
            await _lives[person].WaitAsync(CancellationToken.None);
            Task saying;
            try
            {
                saying = person.SayAsync(_room, text);
            }
            finally
            {
                _lives[person].Release();
            }
            try
            {
                await saying.WaitAsync(Patience, CancellationToken.None);
                _acknowledged.Add($"{person.Handle}: {text}");
            }
            catch (Exception e) when (e is ConnectionException or RoomException or RelayException or OperationCanceledException or ObjectDisposedException)
            {
                // Dead, or about to be: the outbox has it, or it was never said.
            }
        }
    }

    private async Task KillAsync(TimeSpan between, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(between * (0.5 + _random.NextDouble()), CancellationToken.None);
            Person victim = _people[_random.Next(_people.Count)];
            await _lives[victim].WaitAsync(CancellationToken.None);
            try
            {
                if (await victim.DieAsync())
                {
                    _deaths++;
                    await victim.BeginAsync(_village.Relay.Address);
                }
            }
            finally
            {
                _lives[victim].Release();
            }
        }
    }

    private async Task AgreeAsync()
    {
        long begin = Stopwatch.GetTimestamp();
        string[][] transcripts;
        do
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Patience, $"they do not agree: {string.Join(", ", _people.Select(person => $"{person.Handle} has {person.Transcript(_room).Length}, {person.Client.Outbox.Count} to send"))}");
            await Task.Delay(100);
            transcripts = [.. _people.Select(person => person.Transcript(_room))];
        }
        while (_people.Any(static person => person.Client.Outbox.Count > 0) || transcripts.Any(transcript => !transcript.SequenceEqual(transcripts[0])));

        string[] log = transcripts[0];
        Assert.Equal(log.Length, log.Distinct().Count());
        Assert.Empty(_acknowledged.Except(log));
        foreach (IGrouping<string, string> sender in log.GroupBy(static line => line[..line.IndexOf(':', StringComparison.Ordinal)]))
            Assert.Equal(sender.Order(StringComparer.Ordinal), sender);
    }
}

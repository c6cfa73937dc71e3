using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using HardwareChat.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HardwareChat.Bench.Load;

/// <summary>What the relay is held against: Kestrel's own WebSockets, and a room is whoever opened the same path.</summary>
/// <remarks>
/// No identity, no order, no seal. <c>bare</c> copies each message to the room as it arrives; <c>stored</c> appends it to SQLite
/// first (WAL, FULL), and what gathers during one commit shares the next.
/// </remarks>
internal static class BaselineServer
{
    /// <summary>Runs until it is killed.</summary>
    public static int Run(Arguments arguments)
    {
        string? file = arguments.Text("store");
        using StoredMessages? store = file is null ? null : new StoredMessages(file);
        var rooms = new ConcurrentDictionary<string, BaselineRoom>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        using WebApplication web = builder.Build();
        web.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        web.Run(async context =>
        {
            BaselineRoom room = rooms.GetOrAdd(context.Request.Path.Value!, _ => new BaselineRoom());
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(Subprotocol.Current);
            await room.ServeAsync(socket, store);
        });
        web.StartAsync().GetAwaiter().GetResult();
        Console.WriteLine($"listening {web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}");
        HostingAbstractionsHostExtensions.WaitForShutdownAsync(web).GetAwaiter().GetResult();
        return 0;
    }
}

/// <summary>The sockets of one path.</summary>
internal sealed class BaselineRoom : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Channel<byte[]> _onDisk = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private WebSocket[] _members = [];
    private bool _copying;

    /// <summary>Reads one member to its end.</summary>
    public async Task ServeAsync(WebSocket socket, StoredMessages? store)
    {
        lock (_gate)
        {
            _members = [.. _members, socket];
            if (store is not null && !_copying)
                _ = CopyStoredAsync();
            _copying = true;
        }
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: WebSocketMessageType.Binary } received)
            {
                if (store is null)
                    await CopyAsync(buffer.AsMemory(0, received.Count));
                else
                    store.Append(this, buffer.AsSpan(0, received.Count).ToArray());
            }
        }
        catch (WebSocketException)
        {
            // The load has gone.
        }
        lock (_gate)
            _members = [.. _members.Where(member => member != socket)];
    }

    /// <summary>A message is on disk.</summary>
    public void Stored(byte[] message) => _onDisk.Writer.TryWrite(message);

    public void Dispose() => _turn.Dispose();

    private async Task CopyStoredAsync()
    {
        await foreach (byte[] message in _onDisk.Reader.ReadAllAsync())
            await CopyAsync(message);
    }

    private async Task CopyAsync(ReadOnlyMemory<byte> message)
    {
        await _turn.WaitAsync();
        try
        {
            foreach (WebSocket member in _members)
            {
                if (member.State == WebSocketState.Open)
                    await member.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            }
        }
        catch (WebSocketException)
        {
            // A member has gone in between.
        }
        finally
        {
            _turn.Release();
        }
    }
}

/// <summary>SQLite with one writing thread: whatever has gathered is one transaction.</summary>
internal sealed class StoredMessages : IDisposable
{
    private readonly BlockingCollection<(BaselineRoom Room, byte[] Message)> _waiting = [];
    private readonly SqliteConnection _connection;

    public StoredMessages(string file)
    {
        _connection = new SqliteConnection($"Data Source={file}");
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("CREATE TABLE message (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL)");
        new Thread(Write) { IsBackground = true }.Start();
    }

    /// <summary>Appends a message; its room is told when it is on disk.</summary>
    public void Append(BaselineRoom room, byte[] message) => _waiting.Add((room, message));

    public void Dispose()
    {
        _waiting.Dispose();
        _connection.Dispose();
    }

    private void Write()
    {
        using SqliteCommand insert = _connection.CreateCommand();
        insert.CommandText = "INSERT INTO message (body) VALUES ($body)";
        SqliteParameter body = insert.Parameters.Add("$body", SqliteType.Blob);
        insert.Prepare();
        var taken = new List<(BaselineRoom Room, byte[] Message)>();
        while (true)
        {
            taken.Add(_waiting.Take());
            while (taken.Count < 4096 && _waiting.TryTake(out (BaselineRoom, byte[]) next))
                taken.Add(next);
            using (SqliteTransaction transaction = _connection.BeginTransaction())
            {
                insert.Transaction = transaction;
                foreach ((_, byte[] message) in taken)
                {
                    body.Value = message;
                    insert.ExecuteNonQuery();
                }
                transaction.Commit();
            }
            foreach ((BaselineRoom room, byte[] message) in taken)
                room.Stored(message);
            taken.Clear();
        }
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

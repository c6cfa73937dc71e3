using System.Net;
using System.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests.Faults;

/// <summary>DESIGN §9: after a restore from an old backup, the relay takes back what bears its receipt and chains on, and only then anything new.</summary>
public sealed class HealingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restored_relay_takes_back_what_clients_hold_and_then_goes_on()
    {
        await using TestRelay relay = await TestRelay.StartAsync(users: ["bob"]);
        RoomId room;
        EntryPush[] held;
        ReceiptedLeaf[] leaves;
        await using (TestClient alice = await relay.ConnectAsync("alice"))
        {
            room = await relay.FoundRoomAsync(alice, "bob");
            await alice.AppendAsync(room, EntryKind.Application, 1, "in the backup");
            Assert.Equal(0, (await RelayProgram.RunAsync(relay.Data, "backup", "saved", "--data", relay.Data)).Code);
            for (int i = 0; i < 4; i++)
                await alice.AppendAsync(room, EntryKind.Application, 1, $"beyond it {i}");
            await alice.AskAsync<Submitted>(new SubmitStatement(relay.Community.Sign(new SignOut(relay.Community.Token("bob").Id), relay.Community.Token("bob").As9A), null));
            leaves = [.. (await alice.AskAsync<Leaves>(new GetLeaves(relay.Community.State.Size))).Items];
            await alice.SubscribeAsync(room);
            held = new EntryPush[6];
            for (int i = 0; i < held.Length; i++)
                held[i] = await alice.NextAsync<EntryPush>();
        }
        await relay.RestartAsync(async () => Assert.Equal(0, (await RelayProgram.RunAsync(relay.Data, "restore", "saved", "--data", relay.Data, "--force")).Code));
        await using TestClient again = await relay.ConnectAsync("alice");
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(relay.Relay.Address, "/readyz"), Cancel)).StatusCode);

        // It says so, and takes nothing new.
        Assert.Equal(2UL, (await again.SubscribeAsync(room, 6)).Size);
        Assert.Equal(2UL, (await again.NextAsync<Restored>()).Size);
        Assert.Equal(ErrorCode.Busy, await again.RefusedAsync(new Append(room, EntryKind.Application, 1, 1, "new"u8.ToArray(), null, null, [])));

        // Nor what is forged, or does not chain on.
        EntryPush forged = held[2] with { Receipt = held[3].Receipt };
        Assert.Equal(0U, (await again.AskAsync<Offered>(new OfferEntries([forged]))).Accepted);
        Assert.Equal(0U, (await again.AskAsync<Offered>(new OfferEntries([held[3]]))).Accepted);
        Assert.Equal(0U, (await again.AskAsync<Offered>(new OfferEntries([held[2] with { Message = "another"u8.ToArray() }]))).Accepted);

        // Its own, from whoever has them, in parts.
        Assert.Equal(2U, (await again.AskAsync<Offered>(new OfferEntries(held[..4]))).Accepted);
        Assert.Equal(2U, (await again.AskAsync<Offered>(new OfferEntries(held[2..]))).Accepted);
        Assert.Equal(1U, (await again.AskAsync<Offered>(new OfferLeaves(relay.Community.State.Size, leaves))).Accepted);
        await again.SubscribeAsync(room);
        Assert.Equal(held.Select(static push => Encoding.UTF8.GetString(push.Message!.Value.Span)), await again.ReadAsync(6));

        relay.Time.Ahead += TimeSpan.FromMinutes(relay.Options.HealingMinutes + 1);
        await using TestClient healed = await relay.ConnectAsync("alice");
        await UntilAsync(async () =>
        {
            try
            {
                return (await healed.AppendAsync(room, EntryKind.Application, 1, "new")).Sequence == 6;
            }
            catch (Client.RelayException e) when (e.Code == ErrorCode.Busy)
            {
                return false;
            }
        });
        Assert.Equal(0U, (await healed.AskAsync<Offered>(new OfferEntries(held))).Accepted);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int i = 0; i < 200; i++)
        {
            if (await holds())
                return;
            await Task.Delay(100, Cancel);
        }
        Assert.Fail("it has not come about in twenty seconds");
    }

    [Fact]
    public async Task The_daily_examination_that_finds_damage_makes_the_relay_unready_and_says_so()
    {
        var store = new MemoryStore();
        await using TestRelay relay = await TestRelay.StartAsync(store: _ => store);
        using var http = new HttpClient();
        var ready = new Uri(relay.Relay.Address, "/readyz");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(ready, Cancel)).StatusCode);
        store.Fault = "page 7 is torn";
        relay.Time.Ahead += TimeSpan.FromHours(25);
        await UntilAsync(async () => (await http.GetAsync(ready, Cancel)).StatusCode == HttpStatusCode.ServiceUnavailable);
        await UntilAsync(() => Task.FromResult(relay.Log.Lines.Any(static line => line.StartsWith("Critical", StringComparison.Ordinal) && line.Contains("page 7 is torn", StringComparison.Ordinal))));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(relay.Relay.Address, "/healthz"), Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_relay_over_a_store_that_is_damaged_at_the_start_serves_what_can_be_read()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        RoomId room;
        await using (TestClient alice = await relay.ConnectAsync("alice"))
        {
            room = await relay.FoundRoomAsync(alice);
            for (int i = 0; i < 400; i++)
                await alice.AppendAsync(room, EntryKind.Application, 1, i + new string('.', 2000));
        }
        await relay.RestartAsync(async () =>
        {
            await using var file = new FileStream(Path.Combine(relay.Data, "relay.db"), FileMode.Open, FileAccess.Write);
            file.Position = file.Length - (20 * 4096);
            await file.WriteAsync(new byte[10 * 4096], Cancel);
        });
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync(new Uri(relay.Relay.Address, "/readyz"), Cancel)).StatusCode);
        Assert.Contains(relay.Log.Lines, static line => line.StartsWith("Critical", StringComparison.Ordinal) && line.Contains("damaged", StringComparison.Ordinal));
        await using TestClient reader = await relay.ConnectAsync("alice");
        await reader.SubscribeAsync(room);
        Assert.Equal("commit 0", (await reader.ReadAsync(2))[0]);
        Assert.Equal(ErrorCode.Busy, await reader.RefusedAsync(new Append(room, EntryKind.Application, 1, 1, "new"u8.ToArray(), null, null, [])));
    }
}

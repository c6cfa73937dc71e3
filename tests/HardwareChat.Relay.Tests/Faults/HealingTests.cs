using System.Net;
using System.Text;
using HardwareChat.Protocol;
using HardwareChat.Protocol.Tests;
using HardwareChat.Wire;
using NSec.Cryptography;

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
            await alice.AskAsync<Submitted>(new SubmitStatement(relay.Community.Sign(new SignOut(relay.Community.Token("bob").Id), relay.Community.Token("bob").As9A), []));
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
        Assert.Equal(1U, (await again.AskAsync<Offered>(new OfferLeaves(relay.Community.State.Size, leaves, []))).Accepted);
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

    [Fact]
    public async Task A_restored_relay_takes_back_an_enrolment_with_its_evidence_only_and_serves_it()
    {
        var community = new TestCommunity();
        using Key invite = community.Invite();
        await using TestRelay relay = await TestRelay.StartAsync(community);
        Assert.Equal(0, (await RelayProgram.RunAsync(relay.Data, "backup", "saved", "--data", relay.Data)).Code);
        ulong size = community.State.Size;
        TestToken dave = community.NewToken("dave");
        IReadOnlyList<ReceiptedLeaf> leaves;
        await using (TestClient guest = await relay.ConnectGuestAsync(invite))
        {
            await guest.AskAsync<Submitted>(new SubmitStatement(community.EnrolStatement("dave", dave, invite), [dave.Blob]));
            leaves = (await guest.AskAsync<Leaves>(new GetLeaves(size))).Items;
        }
        await relay.RestartAsync(async () => Assert.Equal(0, (await RelayProgram.RunAsync(relay.Data, "restore", "saved", "--data", relay.Data, "--force")).Code));
        await using TestClient alice = await relay.ConnectAsync("alice");
        Assert.Equal(ErrorCode.Refused, await alice.RefusedAsync(new GetEvidence(dave.Enrolment.Evidence)));

        Assert.Equal(0U, (await alice.AskAsync<Offered>(new OfferLeaves(size, leaves, []))).Accepted);
        Assert.Equal(0U, (await alice.AskAsync<Offered>(new OfferLeaves(size, leaves, [new byte[] { 1, 2, 3 }]))).Accepted);
        Assert.Equal(1U, (await alice.AskAsync<Offered>(new OfferLeaves(size, leaves, [new byte[] { 1, 2, 3 }, dave.Blob]))).Accepted);
        Assert.Equal(dave.Blob, (await alice.AskAsync<EvidenceFrame>(new GetEvidence(dave.Enrolment.Evidence))).Evidence.ToArray());
        Assert.Equal(ErrorCode.Refused, await alice.RefusedAsync(new GetEvidence(Digest.Of([1, 2, 3]))));
    }

    // Two restores can leave two histories that both bear receipts: what is taken back must fit, or the log could not be read again.
    [Fact]
    public async Task A_restored_relay_does_not_take_back_a_leaf_of_its_own_that_does_not_fit_its_log()
    {
        var community = new TestCommunity();
        community.Enrol("bob");
        await using TestRelay relay = await TestRelay.StartAsync(community);
        Assert.Equal(0, (await RelayProgram.RunAsync(relay.Data, "backup", "saved", "--data", relay.Data)).Code);
        await relay.RestartAsync(async () => Assert.Equal(0, (await RelayProgram.RunAsync(relay.Data, "restore", "saved", "--data", relay.Data, "--force")).Code));
        ulong size = community.State.Size;

        // Signed on another history, and received at this index by this relay's key.
        var stray = new TestCommunity();
        byte[] leaf = TlsWriter.Encode(new RegistryLeaf(stray.RoleStatement("alice", Role.Admin), community.Time));
        using var receipts = new Receipts(community.RelayIdentity.Export(KeyBlobFormat.RawPrivateKey));
        var receipted = new ReceiptedLeaf(leaf, new Digest(receipts.OfLeaf(size, MerkleTree.LeafHash(leaf))));
        await using (TestClient alice = await relay.ConnectAsync("alice"))
            Assert.Equal(0U, (await alice.AskAsync<Offered>(new OfferLeaves(size, [receipted], []))).Accepted);
        await relay.RestartAsync();
        await using TestClient again = await relay.ConnectAsync("alice");
        Assert.Equal((int)size, (await again.AskAsync<Leaves>(new GetLeaves(0))).Items.Count);
    }

    [Fact]
    public async Task A_relay_that_restarts_serves_the_evidence_that_it_took_and_still_asks_for_it()
    {
        var community = new TestCommunity(null, "alice", "carol");
        using Key first = community.Invite();
        using Key second = community.Invite();
        await using TestRelay relay = await TestRelay.StartAsync(community);
        TestToken dave = community.NewToken("dave");
        await using (TestClient guest = await relay.ConnectGuestAsync(first))
            await guest.AskAsync<Submitted>(new SubmitStatement(community.EnrolStatement("dave", dave, first), [dave.Blob]));
        await relay.RestartAsync();

        await using TestClient late = await relay.ConnectGuestAsync(second);
        await relay.SyncAsync(late);
        foreach (TestToken token in (TestToken[])[community.Token("alice"), community.Token("carol"), dave])
            Assert.Equal(token.Blob, (await late.AskAsync<EvidenceFrame>(new GetEvidence(token.Enrolment.Evidence))).Evidence.ToArray());
        TestToken erin = community.NewToken("erin");
        SignedStatement enrol = community.EnrolStatement("erin", erin, second);
        Assert.Equal(ErrorCode.Invalid, await late.RefusedAsync(new SubmitStatement(enrol, [])));
        Assert.Equal(ErrorCode.Invalid, await late.RefusedAsync(new SubmitStatement(enrol, [dave.Blob])));

        // The check is asked too, not only for the blob.
        community.Evidence = static _ => EvidenceFault.Firmware;
        await relay.RestartAsync();
        await using TestClient refused = await relay.ConnectGuestAsync(second);
        Assert.Equal(ErrorCode.Invalid, await refused.RefusedAsync(new SubmitStatement(enrol, [erin.Blob])));
        community.Evidence = static _ => null;
        await relay.RestartAsync();
        await using TestClient taken = await relay.ConnectGuestAsync(second);
        await taken.AskAsync<Submitted>(new SubmitStatement(enrol, [dave.Blob, erin.Blob]));
        Assert.Equal(erin.Blob, (await taken.AskAsync<EvidenceFrame>(new GetEvidence(erin.Enrolment.Evidence))).Evidence.ToArray());
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

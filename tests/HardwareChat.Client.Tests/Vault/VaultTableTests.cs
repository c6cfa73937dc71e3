using System.Text;
using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

public sealed class VaultTableTests : IDisposable
{
    private static readonly RoomId Room = VaultFolder.Room(1);
    private static readonly RoomId OtherRoom = VaultFolder.Room(2);

    private readonly VaultFolder _folder = new();
    private readonly Vault _vault;

    public VaultTableTests() => _vault = _folder.Create();

    public void Dispose()
    {
        _vault.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Session_state_is_replaced_and_removed()
    {
        _vault.Write(transaction => transaction.Sessions.Put("current", [1, 2, 3]));
        _vault.Write(transaction => transaction.Sessions.Put("current", [4, 5]));
        using (Secret? state = _vault.Read(transaction => transaction.Sessions.Find("current")))
            Assert.Equal([4, 5], state!.Span.ToArray());
        Assert.True(_vault.Write(transaction => transaction.Sessions.Remove("current")));
        Assert.False(_vault.Write(transaction => transaction.Sessions.Remove("current")));
        Assert.Null(_vault.Read(transaction => transaction.Sessions.Find("current")));
    }

    [Fact]
    public void Registry_is_read_in_order_and_cleared()
    {
        _vault.Write(transaction =>
        {
            foreach (byte index in (byte[])[2, 0, 1])
                transaction.Registry.PutLeaf(index, [index]);
            transaction.Registry.PutEvidence(1, [[9, 9], [8]]);
            transaction.Registry.PutHead("head"u8);
        });
        Assert.Equal([[0], [1], [2]], _vault.Read(transaction => transaction.Registry.Leaves()));
        Assert.Equal([[1]], _vault.Read(transaction => transaction.Registry.Leaves(1, 1)));
        Assert.Equal([[9, 9], [8]], _vault.Read(transaction => transaction.Registry.FindEvidence(1)));
        Assert.Empty(_vault.Read(transaction => transaction.Registry.FindEvidence(0)));
        Assert.Equal("head"u8.ToArray(), _vault.Read(transaction => transaction.Registry.FindHead()));
        _vault.Write(transaction => transaction.Registry.Clear());
        Assert.Empty(_vault.Read(transaction => transaction.Registry.Leaves()));
        Assert.Null(_vault.Read(transaction => transaction.Registry.FindHead()));
        Assert.Empty(_vault.Read(transaction => transaction.Registry.FindEvidence(1)));
    }

    [Fact]
    public void Room_keeps_every_field()
    {
        var room = new StoredRoom(Room)
        {
            Standing = RoomStanding.Joined,
            NextSequence = 17,
            Head = Digest.Of([1]),
            Policy = new byte[] { 1, 2, 3 },
            Title = "Küche ☕",
            UnreadFrom = 12,
            Notices = RoomNotices.Mentions,
            KeyWords = ["coffee", "tea"],
        };
        _vault.Write(transaction =>
        {
            transaction.Rooms.Put(room);
            transaction.Rooms.PutState(Room, new byte[100_000]);
            transaction.Rooms.PutDraft(Room, "I was going to");
        });
        StoredRoom read = Assert.Single(_vault.Read(transaction => transaction.Rooms.All()));
        Assert.Equal(room with { Policy = read.Policy, KeyWords = read.KeyWords }, read);
        Assert.Equal(room.Policy.ToArray(), read.Policy.ToArray());
        Assert.Equal(room.KeyWords, read.KeyWords);
        Assert.Equal("I was going to", _vault.Read(transaction => transaction.Rooms.FindDraft(Room)));
        using (Secret? state = _vault.Read(transaction => transaction.Rooms.FindState(Room)))
            Assert.Equal(100_000, state!.Length);
        _vault.Write(transaction => transaction.Rooms.PutDraft(Room, ""));
        Assert.Null(_vault.Read(transaction => transaction.Rooms.FindDraft(Room)));
        Assert.True(_vault.Write(transaction => transaction.Rooms.RemoveState(Room)));
        Assert.Null(_vault.Read(transaction => transaction.Rooms.FindState(Room)));
    }

    [Fact]
    public void Key_package_gives_its_bundle_until_it_is_removed()
    {
        _vault.Write(transaction => transaction.KeyPackages.Put(new StoredKeyPackage(new byte[] { 7, 7 }, 99, true), [1, 2, 3]));
        StoredKeyPackage package = Assert.Single(_vault.Read(transaction => transaction.KeyPackages.All()));
        Assert.Equal([7, 7], package.Reference.ToArray());
        Assert.True(package.IsLastResort);
        Assert.Equal(99UL, package.NotAfter);
        using (Secret? bundle = _vault.Read(transaction => transaction.KeyPackages.FindBundle([7, 7])))
            Assert.Equal([1, 2, 3], bundle!.Span.ToArray());
        _vault.Write(transaction => transaction.KeyPackages.Remove([7, 7]));
        Assert.Null(_vault.Read(transaction => transaction.KeyPackages.FindBundle([7, 7])));
    }

    [Fact]
    public void Message_keeps_every_field()
    {
        StoredMessage message = VaultFolder.Message(Room, 5, "hello") with
        {
            Kind = MessageKind.Trouble,
            State = MessageState.Read,
            IsEdited = true,
            IsDeleted = true,
            Reactions = [new Reaction(Handle.Parse("bob"), "👍"), new Reaction(Handle.Parse("carol"), "ok")],
        };
        _vault.Write(transaction => transaction.Messages.Put(message));
        StoredMessage? read = _vault.Read(transaction => transaction.Messages.Find(Room, 5));
        Assert.NotNull(read);
        Assert.Equal(message with { Id = read.Id, Content = read.Content, Reactions = read.Reactions }, read);
        Assert.Equal(message.Id.ToArray(), read.Id.ToArray());
        Assert.Equal(message.Content.ToArray(), read.Content.ToArray());
        Assert.Equal(message.Reactions, read.Reactions);
        Assert.Null(_vault.Read(transaction => transaction.Messages.Find(OtherRoom, 5)));
    }

    [Fact]
    public void History_is_paged_in_both_directions_and_stays_in_its_room()
    {
        _vault.Write(transaction =>
        {
            for (ulong sequence = 1; sequence <= 30; sequence++)
            {
                transaction.Messages.Put(VaultFolder.Message(Room, sequence * 10, "one"));
                transaction.Messages.Put(VaultFolder.Message(OtherRoom, sequence * 10, "two"));
            }
        });
        Assert.Equal([180UL, 190UL], Sequences(transaction => transaction.Messages.Before(Room, 200, 2)));
        Assert.Equal([200UL, 210UL], Sequences(transaction => transaction.Messages.From(Room, 200, 2)));
        Assert.Equal([300UL], Sequences(transaction => transaction.Messages.From(Room, 291, 5)));
        Assert.Empty(Sequences(transaction => transaction.Messages.Before(Room, 10, 5)));
        Assert.Empty(Sequences(transaction => transaction.Messages.Before(Room, 0, 5)));
        Assert.Equal(300UL, _vault.Read(transaction => transaction.Messages.Last(Room))!.Sequence);
        Assert.Null(_vault.Read(transaction => transaction.Messages.Last(VaultFolder.Room(3))));
        Assert.Equal(60, _vault.Read(transaction => transaction.Messages.Count()));
    }

    [Fact]
    public void Second_message_of_a_token_under_one_id_is_found()
    {
        StoredMessage first = VaultFolder.Message(Room, 1, "from alice");
        StoredMessage squatter = VaultFolder.Message(Room, 2, "from bob", "bob") with { Id = first.Id };
        _vault.Write(transaction =>
        {
            transaction.Messages.Put(first);
            transaction.Messages.Put(squatter);
        });
        Assert.Equal(1UL, _vault.Read(transaction => transaction.Messages.Find(Room, first.Token!.Value, first.Id.Span))!.Sequence);
        Assert.Equal(2UL, _vault.Read(transaction => transaction.Messages.Find(Room, squatter.Token!.Value, first.Id.Span))!.Sequence);
        Assert.Null(_vault.Read(transaction => transaction.Messages.Find(Room, VaultFolder.SenderToken(9), first.Id.Span)));
        Assert.Equal([1UL, 2UL], Sequences(transaction => transaction.Messages.FindById(Room, first.Id.Span)));

        // A place whose message becomes another is no longer found by the old id.
        _vault.Write(transaction => transaction.Messages.Put(first with { Id = "new"u8.ToArray() }));
        Assert.Equal([2UL], Sequences(transaction => transaction.Messages.FindById(Room, first.Id.Span)));
        Assert.Equal([1UL], Sequences(transaction => transaction.Messages.FindById(Room, "new"u8)));
    }

    [Fact]
    public void Retention_removes_the_old_and_leaves_the_young()
    {
        _vault.Write(transaction =>
        {
            for (ulong sequence = 1; sequence <= 1200; sequence++)
                transaction.Messages.Put(VaultFolder.Message(Room, sequence, "word"));
        });
        ulong cut = VaultFolder.Message(Room, 1101, "").Time;
        Assert.Equal(1100, _vault.Write(transaction => transaction.Messages.RemoveOlderThan(Room, cut)));
        Assert.Equal(1101UL, _vault.Read(transaction => transaction.Messages.From(Room, 0, 1))[0].Sequence);
        Assert.Empty(_vault.Read(transaction => transaction.Messages.FindById(Room, "id-1100"u8)));
        Assert.Equal(100, _vault.Search("word", count: 5000).Count);
    }

    [Fact]
    public void Outbox_keeps_the_order_of_each_room()
    {
        QueuedMessage first = _vault.Write(transaction => transaction.Outbox.Add(new QueuedMessage(Room, 0) { MessageId = new byte[] { 1 }, Content = new byte[] { 1 } }));
        QueuedMessage second = _vault.Write(transaction => transaction.Outbox.Add(new QueuedMessage(Room, 0) { MessageId = new byte[] { 2 }, Content = new byte[] { 2 } }));
        _vault.Write(transaction => transaction.Outbox.Put(second with { State = OutboxState.Failed, Encrypted = new byte[] { 8 }, Failure = "no longer a member" }));
        IReadOnlyList<QueuedMessage> queue = _vault.Read(transaction => transaction.Outbox.Of(Room));
        Assert.Equal([first.Number, second.Number], queue.Select(message => message.Number));
        Assert.Equal("no longer a member", queue[1].Failure);
        Assert.Equal([8], queue[1].Encrypted.ToArray());
        Assert.Equal(OutboxState.Failed, queue[1].State);
        Assert.True(_vault.Write(transaction => transaction.Outbox.Remove(Room, first.Number)));
        Assert.Equal(second.Number, Assert.Single(_vault.Read(transaction => transaction.Outbox.All())).Number);
    }

    [Fact]
    public void Transfer_resumes_where_it_was()
    {
        var transfer = new StoredTransfer(new byte[] { 1, 2 }) { Direction = TransferDirection.Download, Room = Room, Path = "/tmp/a b", Total = 1UL << 31, Done = 65536, Details = new byte[] { 3 } };
        _vault.Write(transaction => transaction.Transfers.Put(transfer));
        StoredTransfer read = Assert.Single(_vault.Read(transaction => transaction.Transfers.All()));
        Assert.Equal(transfer with { Id = read.Id, Details = read.Details }, read);
        Assert.Equal([1, 2], read.Id.ToArray());
        Assert.Equal([3], read.Details.ToArray());
        Assert.True(_vault.Write(transaction => transaction.Transfers.Remove([1, 2])));
        Assert.Null(_vault.Read(transaction => transaction.Transfers.Find([1, 2])));
    }

    [Fact]
    public void Contact_keeps_every_field()
    {
        var contact = new StoredContact(Handle.Parse("bob")) { VerifiedTokens = [VaultFolder.SenderToken(1), VaultFolder.SenderToken(2)], VerifiedAt = 7, FollowsAddedTokens = true, Note = "met in Bern" };
        _vault.Write(transaction => transaction.Contacts.Put(contact));
        StoredContact? read = _vault.Read(transaction => transaction.Contacts.Find(Handle.Parse("bob")));
        Assert.Equal(contact with { VerifiedTokens = read!.VerifiedTokens }, read);
        Assert.Equal(contact.VerifiedTokens, read.VerifiedTokens);
        Assert.Single(_vault.Read(transaction => transaction.Contacts.All()));
        Assert.True(_vault.Write(transaction => transaction.Contacts.Remove(Handle.Parse("bob"))));
        Assert.Null(_vault.Read(transaction => transaction.Contacts.Find(Handle.Parse("bob"))));
    }

    [Fact]
    public void Idempotency_key_is_remembered_for_seven_days()
    {
        ulong start = 1_000_000_000;
        ulong days = 24 * 3600;
        _vault.Write(transaction =>
        {
            for (int i = 0; i < 600; i++)
                transaction.Idempotency.Put($"job-{i}", start + (ulong)i, [1]);
            transaction.Idempotency.Put("late", start + (2 * days), "done"u8);
        });
        Assert.Equal(0, _vault.Write(transaction => transaction.Idempotency.Forget(start + (7 * days))));
        Assert.Equal(600, _vault.Write(transaction => transaction.Idempotency.Forget(start + (8 * days))));
        Assert.Null(_vault.Read(transaction => transaction.Idempotency.Find("job-5")));
        Assert.Equal("done"u8.ToArray(), _vault.Read(transaction => transaction.Idempotency.Find("late")));
    }

    [Fact]
    public void Event_cursor_is_never_given_twice()
    {
        Assert.Equal(1UL, _vault.Write(transaction => transaction.Events.Append("a"u8)));
        Assert.Equal(2UL, _vault.Write(transaction => transaction.Events.Append("b"u8)));
        _vault.Write(transaction => transaction.Events.Acknowledge(2));
        _vault.Write(transaction => transaction.Events.Acknowledge(1));
        Assert.Equal(2UL, _vault.Read(transaction => transaction.Events.Acknowledged));
        Assert.Throws<ArgumentOutOfRangeException>(() => _vault.Write(transaction => transaction.Events.Acknowledge(3)));
        Assert.Equal(2, _vault.Write(transaction => transaction.Events.RemoveThrough(2)));
        Assert.Equal(3UL, _vault.Write(transaction => transaction.Events.Append("c"u8)));
        StoredEvent only = Assert.Single(_vault.Read(transaction => transaction.Events.After(0, 10)));
        Assert.Equal("c", Encoding.UTF8.GetString(only.Value.Span));
        Assert.Equal(3UL, only.Cursor);
        Assert.Empty(_vault.Read(transaction => transaction.Events.After(3, 10)));
    }

    [Fact]
    public void Removing_a_room_removes_all_that_belongs_to_it()
    {
        _vault.Write(transaction =>
        {
            foreach (RoomId room in (RoomId[])[Room, OtherRoom])
            {
                transaction.Rooms.Put(new StoredRoom(room));
                transaction.Rooms.PutState(room, [1]);
                transaction.Rooms.PutDraft(room, "draft");
                transaction.Messages.Put(VaultFolder.Message(room, 1, "word"));
                transaction.Outbox.Add(new QueuedMessage(room, 0));
                transaction.Transfers.Put(new StoredTransfer(room.Value.ToArray()) { Room = room });
            }
        });
        _vault.Write(transaction => transaction.RemoveRoom(Room));
        Assert.Equal(OtherRoom, Assert.Single(_vault.Read(transaction => transaction.Rooms.All())).Id);
        Assert.Equal(OtherRoom, Assert.Single(_vault.Search("word")).Room);
        Assert.Equal(OtherRoom, Assert.Single(_vault.Read(transaction => transaction.Outbox.All())).Room);
        Assert.Equal(OtherRoom, Assert.Single(_vault.Read(transaction => transaction.Transfers.All())).Room);
        Assert.Null(_vault.Read(transaction => transaction.Rooms.FindDraft(Room)));
        Assert.Null(_vault.Read(transaction => transaction.Rooms.FindState(Room)));
        Assert.Empty(_vault.Read(transaction => transaction.Messages.FindById(Room, "id-1"u8)));
    }

    private IEnumerable<ulong> Sequences(Func<VaultTransaction, IReadOnlyList<StoredMessage>> page) => _vault.Read(page).Select(message => message.Sequence);
}

using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

public sealed class VaultSearchTests : IDisposable
{
    private static readonly RoomId Room = VaultFolder.Room(1);
    private static readonly RoomId OtherRoom = VaultFolder.Room(2);

    private readonly VaultFolder _folder = new();
    private readonly Vault _vault;

    public VaultSearchTests()
    {
        _vault = _folder.Create();
        string[] texts =
        [
            "The hardware token was lost in Zürich.", "hard work, harder play", "Token? TOKEN!", "ключ потерян", "鍵を失くした", "see https://example.org/path_to?q=1",
            "a-b_c d'e", "",
        ];
        _vault.Write(transaction =>
        {
            for (int i = 0; i < texts.Length; i++)
                transaction.Messages.Put(VaultFolder.Message(Room, (ulong)(i + 1), texts[i]));
            transaction.Messages.Put(VaultFolder.Message(OtherRoom, 1, "another token, much later") with { Time = 2_000_000_000 });
        });
    }

    public void Dispose()
    {
        _vault.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("token", 3, 1)]
    [InlineData("TOK", 3, 1)]
    [InlineData("hard", 2, 1)]
    [InlineData("hard token", 1)]
    [InlineData("zürich", 1)]
    [InlineData("КЛЮЧ", 4)]
    [InlineData("鍵", 5)]
    [InlineData("失くした", 5)]
    [InlineData("した失")]
    [InlineData("example path", 6)]
    [InlineData("b c", 7)]
    [InlineData("oken")]
    [InlineData("")]
    [InlineData("?!")]
    public void Words_are_found_by_their_beginnings_newest_first(string query, params int[] sequences)
        => Assert.Equal(sequences.Select(sequence => (ulong)sequence), _vault.Search(query, Room).Select(message => message.Sequence));

    [Fact]
    public void All_rooms_are_searched_and_the_newest_of_them_kept()
    {
        Assert.Equal([OtherRoom, Room, Room], _vault.Search("token").Select(message => message.Room));
        Assert.Equal(OtherRoom, Assert.Single(_vault.Search("token", count: 1)).Room);
        Assert.Empty(_vault.Search("token", count: 0));
        Assert.Empty(_vault.Search("token", VaultFolder.Room(9)));
    }

    [Fact]
    public void Edited_message_is_found_by_its_new_words_only()
    {
        Assert.NotEmpty(_vault.Search("play"));
        _vault.Write(transaction => transaction.Messages.Put(VaultFolder.Message(Room, 2, "soft work") with { IsEdited = true }));
        Assert.Empty(_vault.Search("play"));
        Assert.Equal(2UL, Assert.Single(_vault.Search("soft")).Sequence);
        Assert.Equal(2UL, Assert.Single(_vault.Search("work")).Sequence);
    }

    [Fact]
    public void Deleted_message_is_found_no_more_and_its_bytes_are_gone_from_file_and_log()
    {
        Assert.NotEmpty(_vault.Search("lost"));
        _vault.Tidy();
        byte[] sealedValue = ValueOf(1);
        Assert.True(Contains(_folder.Path, sealedValue));
        _vault.Write(transaction => transaction.Messages.Remove(Room, 1));
        Assert.Empty(_vault.Search("lost"));
        Assert.False(Contains(_folder.Path, sealedValue));
        Assert.Equal(0, new FileInfo(_folder.Path + "-wal").Length);
    }

    [Fact]
    public void Index_made_after_a_start_finds_the_same_as_the_one_that_grew()
    {
        _vault.PrepareSearch(TestContext.Current.CancellationToken);
        _vault.Write(transaction =>
        {
            for (ulong sequence = 100; sequence < 2300; sequence++)
                transaction.Messages.Put(VaultFolder.Message(Room, sequence, $"number {sequence} is {(sequence % 2 == 0 ? "even" : "odd")}"));
        });
        _vault.Write(transaction =>
        {
            for (ulong sequence = 100; sequence < 2300; sequence += 3)
                transaction.Messages.Remove(Room, sequence);
            for (ulong sequence = 101; sequence < 2300; sequence += 3)
                transaction.Messages.Put(VaultFolder.Message(Room, sequence, $"edited {sequence}"));
        });
        string[] queries = ["even", "odd", "number 22", "edited", "edited 101", "is"];
        List<ulong[]> grown = [.. queries.Select(query => _vault.Search(query, count: 5000).Select(message => message.Sequence).ToArray())];
        Assert.All(grown, Assert.NotEmpty);
        _vault.Close();

        using Vault again = _folder.Open();
        Assert.Equal(grown, queries.Select(query => again.Search(query, count: 5000).Select(message => message.Sequence).ToArray()));
    }

    [Fact]
    public void Hostile_text_costs_a_bounded_number_of_words()
    {
        string many = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"w{i} "));
        string longWord = new('x', 1_000_000);
        _vault.Write(transaction =>
        {
            transaction.Messages.Put(VaultFolder.Message(Room, 50, many));
            transaction.Messages.Put(VaultFolder.Message(Room, 51, longWord));
            transaction.Messages.Put(VaultFolder.Message(Room, 52, "\uD800 half \uDC00\u202E\0 odd"));
        });
        Assert.Equal(50UL, Assert.Single(_vault.Search("w16000")).Sequence);
        Assert.Empty(_vault.Search("w59999"));
        Assert.Equal(51UL, Assert.Single(_vault.Search(new string('x', 100))).Sequence);
        Assert.Equal(52UL, Assert.Single(_vault.Search("half odd")).Sequence);
    }

    [Fact]
    public void Vault_opened_without_a_reader_of_text_refuses_to_search()
    {
        _vault.Close();
        using Vault blind = _folder.Open(new VaultOptions());
        Assert.Throws<InvalidOperationException>(() => blind.Search("token"));
    }

    private byte[] ValueOf(long id)
    {
        // The file is locked against other programs while the vault is open, so a copy is read.
        string copy = _folder.Beside("copy");
        File.Copy(_folder.Path, copy, overwrite: true);
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={copy};Pooling=false");
        connection.Open();
        using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM messages WHERE id = $id";
        command.Parameters.AddWithValue("$id", id);
        return Assert.IsType<byte[]>(command.ExecuteScalar());
    }

    private static bool Contains(string path, byte[] part) => File.ReadAllBytes(path).AsSpan().IndexOf(part) >= 0;
}

using System.Text;
using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Client.Tests;

/// <summary>Whoever has the file and no key: what it shows, and that each change is found.</summary>
public sealed class VaultTamperTests : IDisposable
{
    private static readonly RoomId Room = VaultFolder.Room(1);

    private readonly VaultFolder _folder = new();

    public VaultTamperTests()
    {
        using Vault vault = _folder.Create();
        vault.Write(transaction =>
        {
            transaction.Messages.Put(VaultFolder.Message(Room, 1, "plaintext canary one"));
            transaction.Messages.Put(VaultFolder.Message(Room, 2, "plaintext canary two"));
            transaction.Settings.PutText("secret-setting-name", "on");
            transaction.Contacts.Put(new StoredContact(Handle.Parse("dora-canary")));
        });
        vault.Close();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Untouched_file_opens() => _folder.Open().Dispose();

    [Fact]
    public void File_shows_neither_content_nor_names()
    {
        string file = Encoding.Latin1.GetString(File.ReadAllBytes(_folder.Path));
        Assert.Contains("CREATE TABLE messages", file, StringComparison.Ordinal);
        Assert.Contains("desk", file, StringComparison.Ordinal); // a recipient's label is meant to be seen
        foreach (string canary in (string[])["canary", "secret-setting", "alice", Encoding.Latin1.GetString(Room.Value.ToArray()), Encoding.Latin1.GetString(_folder.Token.Id.Value.ToArray())])
            Assert.DoesNotContain(canary, file, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE messages SET value = zeroblob(length(value)) WHERE id = 1")]
    [InlineData("UPDATE messages SET value = substr(value, 1, 20) WHERE id = 1")]
    [InlineData("UPDATE messages SET value = zeroblob(3) WHERE id = 1")]
    public void Changed_value_does_not_open(string sql)
    {
        _folder.Tamper(sql);
        using Vault vault = _folder.Open();
        Assert.Equal(VaultFault.Damaged, Assert.Throws<VaultException>(() => vault.Read(transaction => transaction.Messages.Find(Room, 1))).Fault);
        Assert.NotNull(vault.Read(transaction => transaction.Messages.Find(Room, 2)));
    }

    [Fact]
    public void Values_of_two_rows_exchanged_do_not_open()
    {
        _folder.Tamper(
            """
            CREATE TEMP TABLE swap AS SELECT id, value FROM messages;
            UPDATE messages SET value = (SELECT value FROM swap WHERE swap.id = 3 - messages.id);
            """);
        using Vault vault = _folder.Open();
        foreach (ulong sequence in (ulong[])[1, 2])
            Assert.Equal(VaultFault.Damaged, Assert.Throws<VaultException>(() => vault.Read(transaction => transaction.Messages.Find(Room, sequence))).Fault);
    }

    [Theory]
    [InlineData("DELETE FROM messages WHERE id = 2")]
    [InlineData("DELETE FROM settings")]
    [InlineData("UPDATE messages SET version = version + 1 WHERE id = 1")]
    [InlineData("UPDATE messages SET nonce = zeroblob(24) WHERE id = 1")]
    [InlineData("UPDATE messages SET nonce = zeroblob(23) WHERE id = 1")]
    [InlineData("UPDATE messages SET key = zeroblob(24) WHERE id = 1")]
    [InlineData("UPDATE messages SET key = x'' WHERE id = 1")]
    [InlineData("UPDATE messages SET version = -1 WHERE id = 1")]
    [InlineData("INSERT INTO messages (key, version, nonce, value) SELECT zeroblob(24), version, nonce, value FROM messages WHERE id = 1")]
    [InlineData("INSERT INTO contacts (key, version, nonce, value) SELECT key, version, nonce, value FROM messages WHERE id = 1; DELETE FROM messages WHERE id = 1")]
    [InlineData("CREATE TEMP TABLE swap AS SELECT * FROM messages; DELETE FROM messages; INSERT INTO messages SELECT s.id, o.key, s.version, s.nonce, s.value FROM swap s JOIN swap o ON o.id = 3 - s.id")]
    [InlineData("UPDATE header SET value = zeroblob(length(value))")]
    [InlineData("UPDATE header SET nonce = zeroblob(24)")]
    [InlineData("UPDATE header SET nonce = x'00'")]
    [InlineData("UPDATE header SET vault = zeroblob(3)")]
    [InlineData("DELETE FROM header")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON messages BEGIN DELETE FROM messages; END")]
    [InlineData("CREATE VIEW v AS SELECT * FROM messages")]
    [InlineData("CREATE INDEX i ON messages (version)")]
    [InlineData("DROP TABLE drafts")]
    [InlineData("UPDATE wrapping SET value = x'00'")]
    [InlineData("PRAGMA user_version = 0")]
    public void Changed_file_is_called_damaged(string sql)
    {
        _folder.Tamper(sql);
        Assert.Equal(VaultFault.Damaged, Assert.Throws<VaultException>(() => _folder.Open()).Fault);
    }

    [Fact]
    public void Older_row_put_back_is_found()
    {
        (byte[] nonce, byte[] value, long version) = Row();
        using (Vault vault = _folder.Open())
        {
            vault.Write(transaction => transaction.Messages.Put(VaultFolder.Message(Room, 1, "edited")));
            vault.Close();
        }

        _folder.Tamper("UPDATE messages SET nonce = $nonce, value = $value, version = $version WHERE id = 1", ("$nonce", nonce), ("$value", value), ("$version", version));
        Assert.Equal(VaultFault.Damaged, Assert.Throws<VaultException>(() => _folder.Open()).Fault);
    }

    [Fact]
    public void Older_row_put_back_with_its_header_is_found_where_another_row_is_newer()
    {
        string before = _folder.Beside("before");
        File.Copy(_folder.Path, before);
        using (Vault vault = _folder.Open())
        {
            vault.Write(transaction => transaction.Messages.Put(VaultFolder.Message(Room, 1, "edited")));
            vault.Write(transaction => transaction.Messages.Put(VaultFolder.Message(Room, 3, "later")));
            vault.Close();
        }

        _folder.Tamper($"ATTACH '{before}' AS old; DELETE FROM header; INSERT INTO header SELECT * FROM old.header; DELETE FROM messages WHERE id = 1; INSERT INTO messages SELECT * FROM old.messages WHERE id = 1");
        Assert.Equal(VaultFault.Damaged, Assert.Throws<VaultException>(() => _folder.Open()).Fault);
    }

    [Fact]
    public void Whole_file_put_back_is_sound_but_below_the_anchor()
    {
        string before = _folder.Beside("before");
        File.Copy(_folder.Path, before);
        ulong anchor;
        using (Vault vault = _folder.Open())
        {
            vault.Write(transaction => transaction.Settings.PutText("theme", "dark"));
            vault.Close();
            anchor = vault.Generation;
        }

        _folder.Open(VaultFolder.Options with { LeastGeneration = anchor }).Dispose();
        File.Copy(before, _folder.Path, overwrite: true);
        Assert.Equal(VaultFault.RolledBack, Assert.Throws<VaultException>(() => _folder.Open(VaultFolder.Options with { LeastGeneration = anchor })).Fault);
        _folder.Open().Dispose();
    }

    [Fact]
    public void Row_hidden_from_the_index_is_found()
    {
        // A table with the same rows and another index, under which the schema then calls itself the old one.
        _folder.Tamper(
            """
            PRAGMA writable_schema = ON;
            CREATE TABLE twin (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, version INTEGER NOT NULL, nonce BLOB NOT NULL, value BLOB NOT NULL) STRICT;
            INSERT INTO twin SELECT * FROM messages WHERE id = 1;
            UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_twin_1') WHERE name = 'sqlite_autoindex_messages_1';
            DELETE FROM sqlite_schema WHERE tbl_name = 'twin';
            """);
        Assert.Equal(VaultFault.Damaged, Assert.Throws<VaultException>(() => _folder.Open()).Fault);
    }

    [Fact]
    public void Newer_schema_is_named_so()
    {
        _folder.Tamper("PRAGMA user_version = 2");
        VaultException newer = Assert.Throws<VaultException>(() => _folder.Open());
        Assert.Equal(VaultFault.Newer, newer.Fault);
        Assert.Contains("later release", newer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_files_are_named_so_and_left_alone()
    {
        _folder.Tamper("PRAGMA application_id = 7");
        byte[] other = File.ReadAllBytes(_folder.Path);
        Assert.Equal(VaultFault.Foreign, Assert.Throws<VaultException>(() => _folder.Open()).Fault);
        Assert.Equal(other, File.ReadAllBytes(_folder.Path));

        foreach (byte[] content in (byte[][])[[], "no database at all, but long enough to be looked at"u8.ToArray(), new byte[8192]])
        {
            File.WriteAllBytes(_folder.Path, content);
            Assert.Equal(VaultFault.Foreign, Assert.Throws<VaultException>(() => _folder.Open()).Fault);
            Assert.Equal(content, File.ReadAllBytes(_folder.Path));
        }
    }

    [Fact]
    public void Random_damage_ends_in_words_or_in_the_same_content()
    {
        byte[] sound = File.ReadAllBytes(_folder.Path);
        var random = new Random(20261123);
        int refused = 0;
        for (int i = 0; i < 150; i++)
        {
            byte[] damaged = [.. sound];
            for (int hits = random.Next(1, 8); hits > 0; hits--)
                damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            if (random.Next(8) == 0)
                damaged = damaged[..random.Next(damaged.Length)];
            File.WriteAllBytes(_folder.Path, damaged);
            try
            {
                using Vault vault = _folder.Open();
                Assert.Equal("plaintext canary one", Encoding.UTF8.GetString(vault.Read(transaction => transaction.Messages.Find(Room, 1))!.Content.Span));
            }
            catch (VaultException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 150);
    }

    private (byte[] Nonce, byte[] Value, long Version) Row()
    {
        using var connection = new SqliteConnection($"Data Source={_folder.Path};Pooling=false");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT nonce, value, version FROM messages WHERE id = 1";
        using SqliteDataReader reader = command.ExecuteReader();
        Assert.True(reader.Read());
        return (reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1), reader.GetInt64(2));
    }
}

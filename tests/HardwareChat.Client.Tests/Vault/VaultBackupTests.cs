using System.Text;
using System.Text.Json;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

public sealed class VaultBackupTests : IDisposable
{
    private static readonly RoomId Room = VaultFolder.Room(1);

    private readonly VaultFolder _folder = new();
    private readonly RecoveryCode _code = RecoveryCode.Create();
    private readonly Vault _vault;

    public VaultBackupTests()
    {
        _vault = _folder.Create(VaultRecipient.Recovery(_code));
        _vault.Write(transaction =>
        {
            transaction.Rooms.Put(new StoredRoom(Room) { Standing = RoomStanding.Joined, NextSequence = 1500, Title = "kitchen", KeyWords = ["tea"] });
            transaction.Rooms.PutState(Room, "ratchet canary"u8);
            transaction.Sessions.Put("current", "session canary"u8);
            transaction.Contacts.Put(new StoredContact(Handle.Parse("bob")) { VerifiedTokens = [VaultFolder.SenderToken(1)], VerifiedAt = 1_700_000_000 });
            for (ulong sequence = 1; sequence <= 1200; sequence++)
                transaction.Messages.Put(VaultFolder.Message(Room, sequence, $"text {sequence} {new string('x', 100)}"));
            transaction.Messages.Put(VaultFolder.Message(Room, 1201, new string('y', 60_000)) with { Reactions = [new Reaction(Handle.Parse("bob"), "👍")] });
        });
    }

    public void Dispose()
    {
        _code.Dispose();
        _vault.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Backup_brings_history_and_contacts_to_another_vault_and_no_state()
    {
        byte[] backup = Backup();
        using var folder = new VaultFolder();
        using Vault other = folder.Create();
        LockedBackup locked = LockedBackup.Open(new MemoryStream(backup));
        KeyWrapping wrapping = Assert.IsType<KeyWrapping>(locked.FindWrapping(_folder.Token.Id));
        Assert.Equal(new RestoreCount(1, 1201, 1), locked.Restore(other, _folder.Token.Id, _folder.Token.Agree(wrapping.Ephemeral)));

        StoredRoom room = Assert.Single(other.Read(transaction => transaction.Rooms.All()));
        Assert.Equal((RoomStanding.Left, 0UL, "kitchen"), (room.Standing, room.NextSequence, room.Title));
        Assert.Null(other.Read(transaction => transaction.Rooms.FindState(Room)));
        Assert.Null(other.Read(transaction => transaction.Sessions.Find("current")));
        Assert.Equal(1201, other.Read(transaction => transaction.Messages.Count()));
        Assert.Equal("👍", Assert.Single(other.Read(transaction => transaction.Messages.Last(Room))!.Reactions).Text);
        Assert.Equal(1199UL, Assert.Single(other.Search("text 1199 xxx")).Sequence);

        // Once more changes nothing: what the vault has is left alone.
        other.Write(transaction => transaction.Messages.Put(VaultFolder.Message(Room, 1, "mine")));
        Assert.Equal(default, LockedBackup.Open(new MemoryStream(backup)).Restore(other, _code));
        Assert.Equal("mine", Encoding.UTF8.GetString(other.Read(transaction => transaction.Messages.Find(Room, 1))!.Content.Span));
    }

    [Fact]
    public void Backup_shows_nothing_and_is_refused_to_strangers()
    {
        byte[] backup = Backup();
        string text = Encoding.Latin1.GetString(backup);
        foreach (string canary in (string[])["canary", "text 1", "kitchen", "yyyy"])
            Assert.DoesNotContain(canary, text, StringComparison.Ordinal);
        using RecoveryCode strange = RecoveryCode.Create();
        Assert.Equal(VaultFault.WrongKey, Assert.Throws<VaultException>(() => LockedBackup.Open(new MemoryStream(backup)).Restore(_vault, strange)).Fault);
    }

    [Fact]
    public void Damaged_backup_restores_nothing()
    {
        byte[] backup = Backup();
        using var folder = new VaultFolder();
        using Vault other = folder.Create();
        byte[] flipped = [.. backup];
        flipped[^20] ^= 1;
        int firstChunk = 4 + (int)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(backup);
        int chunk = 4 + BackupStream.ChunkSize + 16;
        byte[] withoutOne = [.. backup[..firstChunk], .. backup[(firstChunk + chunk)..]];
        byte[] exchanged = [.. backup[..firstChunk], .. backup[(firstChunk + chunk)..(firstChunk + (2 * chunk))], .. backup[firstChunk..(firstChunk + chunk)], .. backup[(firstChunk + (2 * chunk))..]];
        foreach (byte[] damaged in (byte[][])[flipped, backup[..^1], backup[..(firstChunk + chunk)], backup[..firstChunk], [.. backup, 0], withoutOne, exchanged])
            Assert.Equal(VaultFault.Damaged, Assert.Throws<VaultException>(() => LockedBackup.Open(new MemoryStream(damaged)).Restore(other, _code)).Fault);
        Assert.Equal(0, other.Read(transaction => transaction.Messages.Count()));
        Assert.Equal(VaultFault.Foreign, Assert.Throws<VaultException>(() => LockedBackup.Open(new MemoryStream("something else"u8.ToArray()))).Fault);
        Assert.Equal(VaultFault.Foreign, Assert.Throws<VaultException>(() => LockedBackup.Open(new MemoryStream())).Fault);
    }

    [Fact]
    public void Readable_export_is_one_json_object_a_line()
    {
        using var output = new MemoryStream();
        _vault.Write(transaction => transaction.Messages.Put(VaultFolder.Message(Room, 3, "evil \u001b[2J \n line")));
        _vault.ExportReadable(output);
        string[] lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1 + 1 + 1 + 1201, lines.Length);
        Assert.DoesNotContain(lines, line => line.Any(char.IsControl));
        Assert.Equal("hwchat", Parse(lines[0]).GetProperty("export").GetString());
        Assert.Equal("bob", Parse(lines[1]).GetProperty("contact").GetString());
        Assert.Equal("kitchen", Parse(lines[2]).GetProperty("title").GetString());
        JsonElement third = Parse(lines[5]);
        Assert.Equal($"{Room}:3", third.GetProperty("message").GetString());
        Assert.Equal("evil \u001b[2J \n line", third.GetProperty("text").GetString());
        Assert.Equal("2023-11-14T22:13:23Z", third.GetProperty("at").GetString());
        Assert.Equal("👍", Parse(lines[^1]).GetProperty("reactions")[0].GetProperty("text").GetString());
    }

    private byte[] Backup()
    {
        using var output = new MemoryStream();
        _vault.WriteBackup(output);
        return output.ToArray();
    }

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement;
}

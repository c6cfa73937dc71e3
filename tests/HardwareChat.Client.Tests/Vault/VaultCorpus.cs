using System.Security.Cryptography;
using System.Text;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Tests;

/// <summary>The corpora of the vault's decoders; run by name to write them again.</summary>
public static class VaultCorpus
{
    private static readonly RoomId Room = VaultFolder.Room(1);

    [Fact(Explicit = true)]
    public static void Write()
    {
        using var token = new AgreementKey();
        using RecoveryCode code = RecoveryCode.Create();
        using Secret key = Secret.Random(32);
        VaultRecipient[] recipients = [token.Recipient, VaultRecipient.Recovery(code, "paper")];
        using var p384 = new AgreementKey(ECCurve.NamedCurves.nistP384);
        File("Client.KeyWrapping", "p256", TlsWriter.Encode(KeyWrapping.Create(key, new byte[16], recipients[0])));
        File("Client.KeyWrapping", "p384", TlsWriter.Encode(KeyWrapping.Create(key, new byte[16], p384.Recipient)));
        File("Client.KeyWrapping", "x25519", TlsWriter.Encode(KeyWrapping.Create(key, new byte[16], recipients[1])));
        File("Client.BackupHeader", "two", TlsWriter.Encode(BackupHeader.Create(key, recipients)));
        File("Client.BackupHeader", "none", TlsWriter.Encode(new BackupHeader(RandomNumberGenerator.GetBytes(16), [])));
        Row("room", VaultTable.Rooms, 0, new StoredRoom(Room) { Title = "kitchen", KeyWords = ["tea", "coffee"], Policy = new byte[] { 1, 2 } }, static (ref writer, room) => room.WriteTo(ref writer));
        Row("message", VaultTable.Messages, 7, VaultFolder.Message(Room, 7, "hello") with { Reactions = [new Reaction(Handle.Parse("bob"), "ok")], IsEdited = true }, static (ref writer, message) => message.WriteTo(ref writer));
        Row("notice", VaultTable.Messages, 8, new StoredMessage(Room, 8) { Kind = MessageKind.Notice, Content = new byte[] { 1 } }, static (ref writer, message) => message.WriteTo(ref writer));
        Row("queued", VaultTable.Outbox, 3, new QueuedMessage(Room, 3) { Content = new byte[] { 1 }, Failure = "no" }, static (ref writer, message) => message.WriteTo(ref writer));
        Row("transfer", VaultTable.Transfers, 0, new StoredTransfer(new byte[32]) { Room = Room, Path = "a", Total = 9 }, static (ref writer, transfer) => transfer.WriteTo(ref writer));
        Row("recipient", VaultTable.Recipients, 0, recipients[0], static (ref writer, recipient) => recipient.WriteTo(ref writer));
        Row("contact", VaultTable.Contacts, 0, new StoredContact(Handle.Parse("bob")) { VerifiedTokens = [VaultFolder.SenderToken(1)] }, static (ref writer, contact) => contact.WriteTo(ref writer), "bob"u8.ToArray());
        Row("setting", VaultTable.Settings, 0, Encoding.UTF8.GetBytes("dark"), static (ref writer, value) => writer.WriteOpaque(value), "theme"u8.ToArray());
    }

    private static void Row<T>(string name, VaultTable table, ulong ordinal, T value, RowWriter<T> write, byte[]? scope = null)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteUInt8((byte)table);
        new RowName(scope ?? RowName.Of(Room), ordinal).WriteTo(ref writer);
        write(ref writer, value);
        RowForms.Fuzz(buffer.WrittenSpan);
        File("Client.RowForms", name, buffer.WrittenSpan.ToArray());
    }

    internal static string FolderOf(string target)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string corpora = Path.Combine(folder.FullName, "tests", "HardwareChat.Fuzz", "corpus");
            if (Directory.Exists(corpora))
                return Path.Combine(corpora, target);
        }

        throw new DirectoryNotFoundException("no corpora above the executable");
    }

    private static void File(string target, string name, byte[] bytes)
        => System.IO.File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(FolderOf(target)).FullName, name + ".bin"), bytes);
}

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.Bench.Client;

/// <summary>The vault beside plain SQLite that holds the same rows in the clear, with the same promises of durability.</summary>
/// <remarks><c>--messages N</c> sets the size of the history (100,000), <c>--rooms N</c> over how many rooms it is spread (20); <c>--json</c> prints lines.</remarks>
internal static class VaultBench
{
    private const int PageSize = 50;
    private const int BatchSize = 500;
    private const int StateSize = 4096;
    private const int Seed = 20261123;

    public static int Run(Arguments arguments)
    {
        var report = new Report(arguments.Has("json"));
        int messages = arguments.Number("messages", 100_000);
        int rooms = arguments.Number("rooms", 20);
        string folder = Directory.CreateTempSubdirectory("vault-bench-").FullName;
        try
        {
            Measure(report, folder, messages, rooms);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static void Measure(Report report, string folder, int messages, int rooms)
    {
        string path = Path.Combine(folder, "vault");
        using RecoveryCode code = RecoveryCode.Create();
        var options = new VaultOptions { MessageText = static message => Encoding.UTF8.GetString(message.Content.Span) };
        var history = new History(messages, rooms, Seed);
        using var plain = new PlainHistory(Path.Combine(folder, "plain"));
        using (var vault = Vault.Create(path, [VaultRecipient.Recovery(code)], options))
        {
            Measurement filled = Once("fill, 500 messages a write", messages, () => history.InBatches(BatchSize, batch => vault.Write(transaction => Put(transaction, batch))));
            Measurement filledPlain = Once("fill", messages, () => history.InBatches(BatchSize, plain.Put));
            report.Row(filled, filledPlain.MedianMilliseconds);
            vault.Close();
        }

        report.Row(Measurement.Of("open, without the card", 0, messages, () => Open(path, code, options).Dispose()));
        using (Vault vault = Open(path, code, options))
        {
            Search(report, vault, plain, history, messages);
            Pages(report, vault, plain, history, messages);
            Writes(report, vault, plain, history, messages);
            report.Row(Measurement.Of("re-key, every row sealed again", 0, messages, () => vault.Rekey(vault.Recipients())));
            report.Row(Once("backup, sealed", messages, () => vault.WriteBackup(Stream.Null)));
            vault.Close();
        }

        report.Note(string.Create(CultureInfo.InvariantCulture, $"file: {new FileInfo(path).Length:N0} bytes, plain {plain.Size:N0} bytes"));
    }

    private static void Search(Report report, Vault vault, PlainHistory plain, History history, int messages)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        report.Row(Once("build the index of words", messages, () => vault.PrepareSearch()));
        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        report.Note(string.Create(CultureInfo.InvariantCulture, $"index in memory: {bytes:N0} bytes"));
        foreach ((string name, string query) in history.Queries)
        {
            Measurement found = Measurement.Of($"search: {name}", 0, messages, () => vault.Search(query));
            report.Row(found, Measurement.Of(name, 0, messages, () => plain.Search(query)).MedianMilliseconds);
        }
    }

    private static void Pages(Report report, Vault vault, PlainHistory plain, History history, int messages)
    {
        var random = new Random(Seed);
        (RoomId Room, ulong Sequence) Anywhere() => (History.Room(random.Next(history.Rooms)), (ulong)random.Next(PageSize, messages / history.Rooms));
        Measurement page = Measurement.Of("history page, 50 messages", 0, messages, Anywhere, place => vault.Read(transaction => transaction.Messages.Before(place.Room, place.Sequence, PageSize)));
        report.Row(page, Measurement.Of("page", 0, messages, Anywhere, place => plain.Before(place.Room, place.Sequence, PageSize)).MedianMilliseconds);
    }

    // What the engine does for each message it receives: message, cursor, and the new MLS state, at once and on disk.
    private static void Writes(Report report, Vault vault, PlainHistory plain, History history, int messages)
    {
        byte[] state = RandomNumberGenerator.GetBytes(StateSize);
        Measurement write = Measurement.Of("write: message, cursor, state", 0, messages, history.Next, message => vault.Write(transaction =>
        {
            transaction.Messages.Put(message);
            transaction.Rooms.Put(new StoredRoom(message.Room) { NextSequence = message.Sequence + 1, Title = "room" });
            transaction.Rooms.PutState(message.Room, state);
        }));
        report.Row(write, Measurement.Of("write", 0, messages, history.Next, message => plain.Receive(message, state)).MedianMilliseconds);
    }

    private static void Put(VaultTransaction transaction, IEnumerable<StoredMessage> batch)
    {
        foreach (StoredMessage message in batch)
            transaction.Messages.Put(message);
    }

    private static Vault Open(string path, RecoveryCode code, VaultOptions options)
    {
        using LockedVault locked = LockedVault.Open(path);
        return locked.Unlock(code, options);
    }

    private static Measurement Once(string bench, int messages, Action work)
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        work();
        return new Measurement(bench, 0, messages, Stopwatch.GetElapsedTime(start).TotalMilliseconds, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }
}

using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>Keys under which a program asked for something, and what came of it: asked again, it gets the same answer and nothing is done twice.</summary>
public sealed class IdempotencyTable
{
    /// <summary>How long a key is remembered: seven days.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private const int ForgetAtOnce = 256;

    private readonly VaultRows _rows;

    internal IdempotencyTable(VaultRows rows) => _rows = rows;

    /// <summary>What came of it, as the engine encodes it; <see langword="null"/> if the key is not known.</summary>
    public byte[]? Find(string key) => _rows.Find(VaultTable.Idempotency, Name(key), ReadOutcome);

    /// <summary>Remembers a key.</summary>
    /// <param name="key">The program's key.</param>
    /// <param name="now">Unix seconds.</param>
    /// <param name="outcome">What came of it; may be written again as it becomes known.</param>
    public void Put(string key, ulong now, ReadOnlySpan<byte> outcome) => _rows.Put(VaultTable.Idempotency, Name(key), new Entry(now, outcome), static (ref writer, entry) =>
    {
        writer.WriteUInt64(entry.Time);
        writer.WriteOpaque(entry.Outcome);
    });

    /// <summary>Forgets the keys that are older than <see cref="Kept"/>; how many there were.</summary>
    /// <param name="now">Unix seconds.</param>
    /// <remarks>The oldest stand first, so that what stays is not read. A key written again keeps its place, and those behind it wait for it.</remarks>
    public int Forget(ulong now)
    {
        ulong kept = (ulong)Kept.TotalSeconds;
        int forgotten = 0;
        long id = 0;
        for (bool done = false; !done;)
        {
            List<(byte[] Key, ulong Time)> oldest = _rows.After(VaultTable.Idempotency, ref id, ForgetAtOnce, ReadAge);
            int old = oldest.TakeWhile(entry => entry.Time + kept < now).Count();
            foreach ((byte[] key, _) in oldest.Take(old))
                _rows.Remove(VaultTable.Idempotency, new RowName(key));
            forgotten += old;
            done = old < ForgetAtOnce;
        }

        return forgotten;
    }

    private static byte[] ReadOutcome(ref TlsReader reader, RowName name)
    {
        reader.ReadUInt64();
        return reader.ReadOpaque(VectorLength.Max).ToArray();
    }

    private static (byte[] Key, ulong Time) ReadAge(ref TlsReader reader, RowName name)
    {
        ulong time = reader.ReadUInt64();
        reader.ReadOpaque(VectorLength.Max);
        return (name.Scope, time);
    }

    private static RowName Name(string key) => new(Encoding.UTF8.GetBytes(key));

    private readonly ref struct Entry(ulong time, ReadOnlySpan<byte> outcome)
    {
        public ulong Time { get; } = time;

        public ReadOnlySpan<byte> Outcome { get; } = outcome;
    }
}

using System.Buffers.Binary;
using System.Collections.Immutable;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Relay;

/// <summary>How both stores write what a room's row and its entries' keys hold.</summary>
internal static class RoomEncoding
{
    internal const int SequenceBits = 40;

    /// <summary>The key of a room's entry.</summary>
    internal static long KeyOf(long room, ulong sequence) => (room << SequenceBits) | (long)Math.Min(sequence, (1UL << SequenceBits) - 1);

    internal static ulong SequenceOf(long key) => (ulong)key & ((1UL << SequenceBits) - 1);

    /// <summary>What room_user says of an owner: 1, or 2 for the one who founded the room; 0 is for all others on the roster.</summary>
    internal static long Place(Handle owner, Handle founder) => owner == founder ? 2 : 1;

    internal static byte[] HandlesOf(Roster roster)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        foreach (Handle handle in roster.Handles.Order())
            handle.WriteTo(ref writer);
        return buffer.WrittenSpan.ToArray();
    }

    internal static byte[] Handshakes(ImmutableArray<ulong> sequences)
    {
        byte[] bytes = new byte[sequences.Length * sizeof(ulong)];
        for (int i = 0; i < sequences.Length; i++)
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i * sizeof(ulong)), sequences[i]);
        return bytes;
    }

    internal static ImmutableArray<ulong> HandshakesOf(byte[] bytes)
        => [.. Enumerable.Range(0, bytes.Length / sizeof(ulong)).Select(i => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(i * sizeof(ulong))))];

    internal static byte[] Externals(ExternalCommitRate rate)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        foreach ((TokenId token, ulong time) in rate.Recent)
        {
            token.WriteTo(ref writer);
            writer.WriteUInt64(time);
        }
        return buffer.WrittenSpan.ToArray();
    }

    internal static ExternalCommitRate ExternalsOf(byte[] bytes)
    {
        var reader = new TlsReader(bytes);
        ImmutableList<(TokenId Token, ulong Time)>.Builder recent = ImmutableList.CreateBuilder<(TokenId Token, ulong Time)>();
        while (!reader.IsEmpty)
            recent.Add((TokenId.Read(ref reader), reader.ReadUInt64()));
        return new ExternalCommitRate(recent.ToImmutable());
    }

    internal static ImmutableHashSet<Handle> HandlesOf(byte[] bytes)
    {
        var reader = new TlsReader(bytes);
        ImmutableHashSet<Handle>.Builder handles = ImmutableHashSet.CreateBuilder<Handle>();
        while (!reader.IsEmpty)
            handles.Add(Handle.Read(ref reader));
        return handles.ToImmutable();
    }
}

/// <summary>What a writer knows of the end of a room.</summary>
internal sealed record WriterTail(long Id, ulong Size, ImmutableArray<ulong> Handshakes, ExternalCommitRate Externals)
{
    /// <summary>The end after one more.</summary>
    public WriterTail Take(RoomWrite write)
    {
        ImmutableArray<ulong> last = write.Entry.IsHandshake ? Handshakes.Add(write.Entry.Sequence) : Handshakes;
        return new WriterTail(
            Id,
            Size + 1,
            last.Length > ProtocolLimits.StaleHandshakes + 1 ? last.RemoveAt(0) : last,
            write.ExternalBy is { } token ? Externals.Take(token, write.Entry.Stamp.Time) : Externals);
    }
}

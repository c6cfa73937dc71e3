using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// struct { opaque scope<V>; uint64 ordinal; } RowName;       stands, sealed, at the head of each value
//
// What the file shows of it is opaque mac[16] || uint64 ordinal, with mac = MAC(names key, table || scope): the rows of one scope lie together
// and in order, so that a page of a room's history is one range; what the scope is (a room, a handle, a setting) cannot be read or guessed.

/// <summary>What a row is about, and its place among the rows that are about the same.</summary>
internal readonly struct RowName
{
    /// <summary>The longest scope; names that people choose are shorter.</summary>
    public const int MaxScope = 1024;

    private readonly byte[]? _scope;

    /// <summary>A name of these parts.</summary>
    /// <param name="scope">Such as a room's identifier, or a setting's name. Not shown by the file.</param>
    /// <param name="ordinal">Such as a message's sequence. Shown by the file.</param>
    public RowName(byte[] scope, ulong ordinal = 0)
    {
        _scope = scope.Length <= MaxScope ? scope : throw new ArgumentException($"A name has at most {MaxScope} bytes.", nameof(scope));
        Ordinal = ordinal;
    }

    public byte[] Scope => _scope ?? [];

    public ulong Ordinal { get; }

    public static RowName Read(ref TlsReader reader) => new(reader.ReadOpaque(MaxScope).ToArray(), reader.ReadUInt64());

    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOpaque(Scope);
        writer.WriteUInt64(Ordinal);
    }

    public bool Matches(RowName other) => Ordinal == other.Ordinal && Scope.AsSpan().SequenceEqual(other.Scope);

    public static byte[] Of(RoomId room) => room.Value.ToArray();
}

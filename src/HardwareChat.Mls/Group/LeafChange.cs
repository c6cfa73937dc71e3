using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>What a commit does to one leaf.</summary>
/// <param name="Index">Which.</param>
/// <param name="Former">The leaf before, or null if it was blank.</param>
/// <param name="Next">The leaf afterwards, or null if it is blank.</param>
/// <param name="IsSameMember">Whether the member stays: false if one was removed, even where another comes in its place.</param>
public sealed record LeafChange(LeafIndex Index, LeafNode? Former, LeafNode? Next, bool IsSameMember)
{
    internal void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt32(Index.Value);
        writer.WriteOptional(Former is not null);
        Former?.WriteTo(ref writer);
        writer.WriteOptional(Next is not null);
        Next?.WriteTo(ref writer);
        writer.WriteOptional(IsSameMember);
    }

    internal static LeafChange ReadFrom(ref TlsReader reader) => new(
        new LeafIndex(reader.ReadUInt32()),
        reader.ReadOptional() ? LeafNode.ReadFrom(ref reader) : null,
        reader.ReadOptional() ? LeafNode.ReadFrom(ref reader) : null,
        reader.ReadOptional());
}

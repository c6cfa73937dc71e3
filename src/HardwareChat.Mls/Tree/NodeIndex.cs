namespace HardwareChat.Mls;

/// <summary>The place of a node in the array representation of the tree (RFC 9420 Appendix C): leaves are even, parents odd.</summary>
/// <param name="Value">The index.</param>
internal readonly record struct NodeIndex(uint Value)
{
    /// <summary>Whether the node is a leaf.</summary>
    public bool IsLeaf => (Value & 1) == 0;

    /// <summary>The leaf's number.</summary>
    /// <exception cref="InvalidOperationException">The node is a parent.</exception>
    public LeafIndex ToLeafIndex() => IsLeaf ? new LeafIndex(Value / 2) : throw new InvalidOperationException("the node is not a leaf");

    /// <inheritdoc/>
    public override string ToString() => $"node {Value}";
}

namespace HardwareChat.Mls;

/// <summary>The place of a leaf among the leaves, from the left, from 0 (RFC 9420 §7.1). A member's number in the group.</summary>
/// <param name="Value">The index as it stands on the wire.</param>
public readonly record struct LeafIndex(uint Value)
{
    // RFC 9420 Appendix C: leaves have the even node indices.

    /// <summary>The leaf's place in the array of all nodes: twice its index.</summary>
    /// <exception cref="OverflowException">The index is 2^31 or more: no tree has such a leaf.</exception>
    internal NodeIndex ToNodeIndex() => new(checked(Value * 2));

    /// <inheritdoc/>
    public override string ToString() => $"leaf {Value}";
}

namespace HardwareChat.Mls;

/// <summary>How a leaf enters the tree.</summary>
public enum LeafEntryKind
{
    /// <summary>By an Add.</summary>
    Add,

    /// <summary>By the member's Update.</summary>
    Update,

    /// <summary>By the path of the member's commit.</summary>
    Commit,

    /// <summary>By the path of an external commit.</summary>
    ExternalCommit,

    /// <summary>It was in the tree of a Welcome or GroupInfo when this client saw it first.</summary>
    Tree,

    /// <summary>It is this client's own, when it makes a group.</summary>
    Creation,
}

/// <summary>A leaf that enters the tree, to be judged by <see cref="ICredentialCheck"/>.</summary>
/// <param name="Kind">How it enters.</param>
/// <param name="Index">Where.</param>
/// <param name="Leaf">The leaf. Its signature is right.</param>
/// <param name="Former">The leaf in whose place it comes: the sender's own former leaf, or the one that an external commit removes.</param>
/// <param name="KeyPackage">The key package of an Add, else null.</param>
/// <param name="Context">The group, in the epoch in which the leaf is proposed or found.</param>
public sealed record LeafEntry(LeafEntryKind Kind, LeafIndex Index, LeafNode Leaf, LeafNode? Former, KeyPackage? KeyPackage, GroupContext Context);

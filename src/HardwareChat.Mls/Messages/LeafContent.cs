namespace HardwareChat.Mls;

/// <summary>What a member chooses to say of itself in a leaf. Its signature key comes from the signer, all else from the occasion.</summary>
/// <param name="Credential">Who it is.</param>
/// <param name="Capabilities">What it supports.</param>
/// <param name="Extensions">The leaf's extensions; those that are not default must be in the capabilities.</param>
public sealed record LeafContent(Credential Credential, Capabilities Capabilities, ExtensionList Extensions)
{
    /// <summary>A leaf without extensions.</summary>
    public LeafContent(Credential credential, Capabilities capabilities)
        : this(credential, capabilities, ExtensionList.Empty)
    {
    }

    /// <summary>What an existing leaf says.</summary>
    public static LeafContent Of(LeafNode leaf)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        return new LeafContent(leaf.Credential, leaf.Capabilities, leaf.Extensions);
    }
}

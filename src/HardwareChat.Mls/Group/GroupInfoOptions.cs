namespace HardwareChat.Mls;

/// <summary>What a GroupInfo carries beside the group's context.</summary>
public sealed record GroupInfoOptions
{
    /// <summary>The whole tree (ratchet_tree). Without it the joiner must have the tree from elsewhere.</summary>
    public bool IncludeTree { get; init; } = true;

    /// <summary>The key by which others join by external commit (external_pub).</summary>
    public bool IncludeExternalPub { get; init; } = true;

    /// <summary>The application's own extensions.</summary>
    public ExtensionList Extensions { get; init; } = ExtensionList.Empty;
}

namespace HardwareChat.Mls;

// RFC 9420 §5.3.1: "Whenever a new credential is introduced in the group, it MUST be validated with the AS." This is the AS: the one
// place where the application says yes or no to who somebody is. The library checks everything else about a leaf first, so that a leaf
// shown here bears a right signature.

/// <summary>The application's judgement of credentials.</summary>
/// <remarks>A seam. It is asked about every leaf that enters a tree, and about no leaf twice in one operation.</remarks>
public interface ICredentialCheck
{
    /// <summary>Whether the leaf may enter: its credential is that of an acceptable client and belongs to its signature key.</summary>
    bool Accepts(LeafEntry entry);

    /// <summary>Whether the sender, which a GroupContextExtensions or a GroupInfo brings, may propose from outside.</summary>
    bool AcceptsExternalSender(ExternalSender sender, GroupContext context);

    /// <summary>Whether two leaves are of the same client or person, where a group continues another (RFC 9420 §11.2, §11.3).</summary>
    bool IsSameClient(LeafNode left, LeafNode right);
}

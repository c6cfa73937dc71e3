namespace HardwareChat.Mls;

/// <summary>A message whose membership tag is right, or which has decrypted; its signature is not yet checked. Trust nothing in it.</summary>
public sealed class UnverifiedMessage
{
    internal UnverifiedMessage(AuthenticatedContent content, MessageKeyUse? keyUse)
    {
        Content = content;
        KeyUse = keyUse;
    }

    /// <summary>The epoch in which it was sent.</summary>
    public Epoch Epoch => Content.Content.Epoch;

    /// <summary>Who claims to have sent it.</summary>
    public Sender Sender => Content.Content.Sender;

    /// <summary>What it holds.</summary>
    public ContentType ContentType => Content.Content.Type;

    internal AuthenticatedContent Content { get; }

    internal MessageKeyUse? KeyUse { get; }
}

/// <summary>A message whose sender has signed it. Whether what it says may be done is another question.</summary>
public abstract class VerifiedMessage
{
    private protected VerifiedMessage(UnverifiedMessage message)
    {
        Content = message.Content;
        KeyUse = message.KeyUse;
    }

    /// <summary>The epoch in which it was sent.</summary>
    public Epoch Epoch => Content.Content.Epoch;

    /// <summary>Who sent it.</summary>
    public Sender Sender => Content.Content.Sender;

    /// <summary>The authenticated data.</summary>
    public ReadOnlyMemory<byte> AuthenticatedData => Content.Content.AuthenticatedData;

    internal AuthenticatedContent Content { get; }

    internal MessageKeyUse? KeyUse { get; }
}

/// <summary>A message of the application's. Its key is consumed.</summary>
public sealed class ApplicationMessage : VerifiedMessage
{
    internal ApplicationMessage(UnverifiedMessage message, LeafNode senderLeaf, bool senderIsMember)
        : base(message)
    {
        SenderLeaf = senderLeaf;
        SenderIsMember = senderIsMember;
    }

    /// <summary>The content.</summary>
    public ReadOnlyMemory<byte> Data => Content.Content.ApplicationData;

    /// <summary>The sender's leaf in the message's epoch.</summary>
    public LeafNode SenderLeaf { get; }

    /// <summary>Whether the sender is still in the current tree: not removed since, and its leaf not another's.</summary>
    public bool SenderIsMember { get; }
}

/// <summary>A proposal that was sent by itself. <see cref="MlsGroup.Keep"/> it, so that a commit can refer to it.</summary>
public sealed class ProposalMessage : VerifiedMessage
{
    internal ProposalMessage(UnverifiedMessage message, ProposalRef reference)
        : base(message) => Reference = reference;

    /// <summary>The proposal.</summary>
    public Proposal Proposal => Content.Content.Proposal!;

    /// <summary>Its name.</summary>
    public ProposalRef Reference { get; }
}

/// <summary>A commit. <see cref="MlsGroup.Stage"/> finds out whether it is valid and what it does.</summary>
public sealed class CommitMessage : VerifiedMessage
{
    internal CommitMessage(UnverifiedMessage message)
        : base(message)
    {
    }

    /// <summary>The confirmation tag.</summary>
    public ReadOnlySpan<byte> ConfirmationTag => Content.Auth.ConfirmationTag;

    internal Commit Commit => Content.Content.Commit!;
}

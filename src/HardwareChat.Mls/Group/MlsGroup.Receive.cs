namespace HardwareChat.Mls;

public sealed partial class MlsGroup
{
    /// <summary>Reads a message of the group and checks who sent it: <see cref="Unprotect(MlsMessage)"/>, then <see cref="Verify"/>.</summary>
    /// <param name="message">A whole MLSMessage.</param>
    /// <exception cref="Wire.DecodeException">The bytes are malformed.</exception>
    /// <exception cref="ValidationException">A rule is broken; the group is as it was.</exception>
    public VerifiedMessage Receive(ReadOnlySpan<byte> message) => Verify(Unprotect(MlsMessage.Decode(message)));

    /// <summary>Checks the membership tag of a PublicMessage, or decrypts a PrivateMessage. Changes nothing.</summary>
    /// <exception cref="Wire.DecodeException">What was encrypted is malformed.</exception>
    /// <exception cref="ValidationException">A rule is broken.</exception>
    public UnverifiedMessage Unprotect(MlsMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        RequireMembership();
        if (message.PublicMessage is { } publicMessage)
            return Unprotect(publicMessage);
        if (message.PrivateMessage is { } privateMessage)
            return Unprotect(privateMessage);
        throw new ValidationException(ValidationRule.WireFormatAllowed, "the message is neither a PublicMessage nor a PrivateMessage");
    }

    /// <summary>Checks the signature. An application message's key is consumed by it, and the message is then the caller's.</summary>
    /// <exception cref="ValidationException">A rule is broken; the group is as it was.</exception>
    public VerifiedMessage Verify(UnverifiedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        RequireOurs(message.Content);
        FramedContent content = message.Content.Content;
        GroupContext context = RequireEpoch(content.Epoch, content.Type);
        (SignaturePublicKey key, ValidationRule rule) = SenderKey(content);

        // RFC 9420 §6.1: "Recipients of an MLSMessage MUST verify the signature with the key depending on the sender_type of the sender".
        // (ValSem010, ValSem246)
        if (!message.Content.VerifySignature(Suite, key, context))
            throw new ValidationException(rule, "the message's signature is wrong");

        switch (content.Type)
        {
            case ContentType.Application:
                (LeafNode leaf, bool isMember) = FindSender(content.Sender.Leaf, content.Epoch)!.Value;
                Consume(message.KeyUse, content.Epoch);
                return new ApplicationMessage(message, leaf, isMember);

            case ContentType.Proposal:
                return new ProposalMessage(message, ProposalRef.Of(Suite, message.Content));

            default:
                // RFC 9420 §6.1: a commit has a confirmation tag. (ValSem009)
                if (message.Content.Auth.ConfirmationTag is not { Length: > 0 })
                    throw new ValidationException(ValidationRule.ConfirmationTagPresent, "the commit has no confirmation tag");
                return new CommitMessage(message);
        }
    }

    /// <summary>Keeps a proposal until the end of the epoch, so that a commit can refer to it. Whether it is valid, that commit will tell.</summary>
    /// <exception cref="ValidationException">It is of another epoch, or its key was consumed by another message.</exception>
    public void Keep(ProposalMessage proposal)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        RequireOurs(proposal.Content);
        RequireEpoch(proposal.Epoch, ContentType.Proposal);
        if (_proposals.ContainsKey(proposal.Reference))
            return;
        Consume(proposal.KeyUse, proposal.Epoch);
        _proposals.Add(proposal.Reference, new CommittedProposal(proposal.Proposal, proposal.Sender, proposal.Reference));
    }

    private UnverifiedMessage Unprotect(PublicMessage message)
    {
        RequireGroup(message.GroupId);
        GroupContext context = RequireEpoch(message.Epoch, message.ContentType);
        return new UnverifiedMessage(message.Unprotect(Suite, context, _current.Secrets.MembershipKey), null);
    }

    private UnverifiedMessage Unprotect(PrivateMessage message)
    {
        RequireGroup(message.GroupId);
        RequireEpoch(message.Epoch, message.ContentType);
        PastEpoch? past = FindPast(message.Epoch);
        SenderData senderData = message.OpenSenderData(Suite, past?.SenderDataSecret ?? _current.Secrets.SenderDataSecret);

        // RFC 9420 §6.3.2: "MUST verify that the leaf index indicated in the leaf_index field identifies a non-blank node". (ValSem004)
        if (FindSender(senderData.Leaf, message.Epoch) is null)
            throw new ValidationException(ValidationRule.SenderIsMember, "the sender's leaf is blank");
        SecretTree secretTree = past?.SecretTree ?? _current.SecretTree;
        AuthenticatedContent content = message.Open(Suite, senderData, secretTree, Options.Bounds);
        return new UnverifiedMessage(content, new MessageKeyUse(senderData.Leaf, message.ContentType.Ratchet(), senderData.Generation));
    }

    // What one group has opened or verified says nothing in another.
    private void RequireOurs(AuthenticatedContent message)
    {
        RequireMembership();
        RequireGroup(message.Content.GroupId);
    }

    private void RequireMembership()
    {
        if (Status == GroupStatus.Evicted)
            throw new ValidationException(ValidationRule.Evicted, "this client is no longer a member");
    }

    // RFC 9420 §6: the message is of this group. (ValSem002)
    private void RequireGroup(GroupId groupId)
    {
        if (!groupId.Equals(GroupId))
            throw new ValidationException(ValidationRule.GroupIdMatches, "the message is of another group");
    }

    // RFC 9420 §12.1, §12.4.2: the epoch of a proposal or commit "is equal to the epoch field of the current GroupContext"; application
    // messages may be late (§15.3). (ValSem003)
    private GroupContext RequireEpoch(Epoch epoch, ContentType type)
    {
        if (epoch == Epoch)
            return Context;
        if (type == ContentType.Application && FindPast(epoch) is { } past)
            return past.Context;
        throw new ValidationException(ValidationRule.EpochMatches, $"the message is of {epoch}, the group in {Epoch}");
    }

    private PastEpoch? FindPast(Epoch epoch) => epoch == Epoch ? null : _past.Find(past => past.Context.Epoch == epoch);

    // The sender's leaf in an epoch: as the first commit since then that changed it found it, or else as it is. Null if it was blank.
    private (LeafNode Leaf, bool IsMember)? FindSender(LeafIndex sender, Epoch epoch)
    {
        LeafChange? first = null;
        bool isMember = true;
        foreach (PastEpoch past in _past)
        {
            if (past.Context.Epoch < epoch || past.ChangeOf(sender) is not { } change)
                continue;
            first ??= change;
            isMember &= change.IsSameMember;
        }

        LeafNode? leaf = first is null ? Tree.Leaf(sender) : first.Former;
        return leaf is null ? null : (leaf, isMember);
    }

    // RFC 9420 §6.1: "The sender MUST use the private key corresponding to the following signature key depending on the sender's sender_type".
    private (SignaturePublicKey Key, ValidationRule Rule) SenderKey(FramedContent content)
    {
        switch (content.Sender.Type)
        {
            case SenderType.Member:
                // "The signature key contained in the LeafNode at the index indicated by leaf_index in the ratchet tree." (ValSem004)
                return FindSender(content.Sender.Leaf, content.Epoch) is { } member
                    ? (member.Leaf.SignatureKey, ValidationRule.MessageSignature)
                    : throw new ValidationException(ValidationRule.SenderIsMember, "the sender's leaf is blank");

            case SenderType.External:
                // "The content_type of the message MUST be proposal and the proposal_type MUST be a value that is allowed for external senders."
                if (content.Proposal is null)
                    throw new ValidationException(ValidationRule.SenderTypeAllowed, "an external sender sends something else than a proposal");
                if (!content.Proposal.Type.MayComeFromExternalSender)
                    throw new ValidationException(ValidationRule.ExternalProposalType, "a proposal of this type may not come from outside");
                IReadOnlyList<ExternalSender> senders = ExternalSender.FindIn(Context.Extensions);

                // "The signature key at the index indicated by sender_index in the external_senders group context extension".
                return content.Sender.Index < senders.Count
                    ? (senders[(int)content.Sender.Index].SignatureKey, ValidationRule.MessageSignature)
                    : throw new ValidationException(ValidationRule.ExternalSenderKnown, "there is no such external sender");

            case SenderType.NewMemberProposal:
                // "The content_type of the message MUST be proposal and the proposal_type of the Proposal MUST be add."
                return content.Proposal is AddProposal add
                    ? (add.KeyPackage.LeafNode.SignatureKey, ValidationRule.MessageSignature)
                    : throw new ValidationException(ValidationRule.SenderTypeAllowed, "a new member proposes something else than its own addition");

            default:
                // "The content_type of the message MUST be commit."
                if (content.Commit is null)
                    throw new ValidationException(ValidationRule.SenderTypeAllowed, "a joiner sends something else than a commit");

                // RFC 9420 §12.4.3.2: "External Commits MUST contain a path field". (ValSem245)
                return content.Commit.Path is { } path
                    ? (path.LeafNode.SignatureKey, ValidationRule.ExternalCommitSignature)
                    : throw new ValidationException(ValidationRule.ExternalCommitPath, "an external commit has no path");
        }
    }

    // RFC 9420 §9.2: "As soon as a group member consumes a value, they MUST immediately delete (all representations of) that value."
    private void Consume(MessageKeyUse? use, Epoch epoch)
    {
        if (use is not { } key)
            return;
        SecretTree secretTree = FindPast(epoch)?.SecretTree ?? _current.SecretTree;
        if (!secretTree.Consume(key.Sender, key.Type, key.Generation, Options.Bounds))
            throw new ValidationException(ValidationRule.GenerationAvailable, "the message's key is consumed");
    }
}

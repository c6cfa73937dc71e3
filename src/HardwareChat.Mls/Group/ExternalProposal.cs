namespace HardwareChat.Mls;

// RFC 9420 §12.1.8: "An external proposal MUST be sent as a PublicMessage object".

/// <summary>Proposals from outside a group: whole MLSMessages.</summary>
public static class ExternalProposal
{
    /// <summary>A proposal of an external sender.</summary>
    /// <param name="suite">The group's.</param>
    /// <param name="signer">The sender's signature key.</param>
    /// <param name="senderIndex">Its place in the context's external_senders.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="epoch">The group's current epoch.</param>
    /// <param name="proposal">An Add, Remove, PreSharedKey, ReInit or GroupContextExtensions.</param>
    /// <param name="authenticatedData">Sent in the clear and signed.</param>
    /// <exception cref="ArgumentException">A proposal of this type may not come from outside.</exception>
    public static byte[] Create(
        CipherSuite suite, IMlsSigner signer, uint senderIndex, GroupId groupId, Epoch epoch, Proposal proposal, ReadOnlyMemory<byte> authenticatedData = default)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        if (!proposal.Type.MayComeFromExternalSender)
            throw new ArgumentException("a proposal of this type may not come from outside", nameof(proposal));
        return Send(suite, signer, new Sender(SenderType.External, senderIndex), groupId, epoch, proposal, authenticatedData);
    }

    /// <summary>A client's proposal that it be added.</summary>
    /// <param name="suite">The group's.</param>
    /// <param name="signer">The signature key of the key package's leaf.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="epoch">The group's current epoch.</param>
    /// <param name="keyPackage">The client's key package.</param>
    /// <param name="authenticatedData">Sent in the clear and signed.</param>
    public static byte[] CreateAdd(
        CipherSuite suite, IMlsSigner signer, GroupId groupId, Epoch epoch, KeyPackage keyPackage, ReadOnlyMemory<byte> authenticatedData = default)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(keyPackage);
        if (!signer.PublicKey.Equals(keyPackage.LeafNode.SignatureKey))
            throw new ArgumentException("the signer's key is not that of the key package's leaf", nameof(signer));
        return Send(suite, signer, Sender.NewMemberProposal, groupId, epoch, new AddProposal(keyPackage), authenticatedData);
    }

    private static byte[] Send(
        CipherSuite suite, IMlsSigner signer, Sender sender, GroupId groupId, Epoch epoch, Proposal proposal, ReadOnlyMemory<byte> authenticatedData)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(groupId);
        FramedContent content = FramedContent.Of(groupId, epoch, sender, authenticatedData.ToArray(), proposal);
        AuthenticatedContent authenticated = AuthenticatedContent.Sign(suite, signer, WireFormat.PublicMessage, content, null);
        return new MlsMessage(PublicMessage.Protect(suite, authenticated, null, null)).Encode();
    }
}

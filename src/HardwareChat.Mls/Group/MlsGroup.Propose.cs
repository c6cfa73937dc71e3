using HardwareChat.Wire;

namespace HardwareChat.Mls;

public sealed partial class MlsGroup
{
    /// <summary>Sends a proposal by itself, and keeps it: a whole MLSMessage.</summary>
    /// <param name="signer">The key of this member's leaf.</param>
    /// <param name="proposal">Any but an Update, which <see cref="ProposeUpdate"/> makes, and an ExternalInit.</param>
    /// <param name="authenticatedData">Sent in the clear and signed.</param>
    public byte[] Propose(IMlsSigner signer, Proposal proposal, ReadOnlyMemory<byte> authenticatedData = default)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        if (proposal is UpdateProposal or ExternalInitProposal)
            throw new ArgumentException("such a proposal is not made by hand", nameof(proposal));
        return SendProposal(signer, proposal, authenticatedData);
    }

    /// <summary>Proposes that this member be removed: another one has to commit it (RFC 9420 §12.2).</summary>
    public byte[] ProposeSelfRemoval(IMlsSigner signer, ReadOnlyMemory<byte> authenticatedData = default)
        => SendProposal(signer, new RemoveProposal(OwnIndex), authenticatedData);

    /// <summary>Proposes a new leaf for this member, and keeps its private key until a commit takes it up or the epoch ends.</summary>
    /// <param name="signer">The key of this member's leaf.</param>
    /// <param name="content">What the new leaf says; null: what the old one does.</param>
    /// <param name="leafKeys">The new leaf's key pair, of which a copy is kept; null: a fresh one.</param>
    /// <param name="newSigner">The signature key of the new leaf; null: the old one.</param>
    /// <param name="authenticatedData">Sent in the clear and signed.</param>
    public byte[] ProposeUpdate(
        IMlsSigner signer, LeafContent? content = null, HpkeKeyPair? leafKeys = null, IMlsSigner? newSigner = null, ReadOnlyMemory<byte> authenticatedData = default)
    {
        RequireActive();
        RequireOwn(signer);
        HpkeKeyPair pair = leafKeys?.Copy() ?? Suite.GenerateHpkeKeyPair();
        try
        {
            // RFC 9420 §12.1.2, §7.3: an Update's "encryption_key represents a different public key than the encryption_key in the leaf node
            // being replaced".
            if (pair.PublicKey.Equals(OwnLeaf.EncryptionKey))
                throw new ValidationException(ValidationRule.UpdateKeyNew, "the Update keeps the encryption key");
            LeafNode leaf = LeafNode.SignForUpdate(Suite, newSigner ?? signer, pair.PublicKey, content ?? LeafContent.Of(OwnLeaf), GroupId, OwnIndex);
            byte[] message = SendProposal(signer, new UpdateProposal(leaf), authenticatedData);
            if (_updateKeys.Remove(pair.PublicKey, out HpkeKeyPair? former))
                former.Dispose();
            _updateKeys.Add(pair.PublicKey, pair);
            return message;
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }

    private byte[] SendProposal(IMlsSigner signer, Proposal proposal, ReadOnlyMemory<byte> authenticatedData)
    {
        RequireActive();
        RequireOwn(signer);
        WireFormat wireFormat = HandshakeFormat;
        FramedContent content = FramedContent.Of(GroupId, Epoch, Sender.Member(OwnIndex), authenticatedData.ToArray(), proposal);
        AuthenticatedContent authenticated = AuthenticatedContent.Sign(Suite, signer, wireFormat, content, Context);
        byte[] message = Protect(authenticated);
        ProposalRef reference = ProposalRef.Of(Suite, authenticated);
        _proposals[reference] = new CommittedProposal(proposal, content.Sender, reference);
        return message;
    }

    private WireFormat HandshakeFormat => Options.EncryptHandshakes ? WireFormat.PrivateMessage : WireFormat.PublicMessage;

    private byte[] Protect(AuthenticatedContent authenticated)
    {
        if (authenticated.WireFormat == WireFormat.PublicMessage)
            return new MlsMessage(PublicMessage.Protect(Suite, authenticated, Context, _current.Secrets.MembershipKey)).Encode();
        using var output = new TlsBuffer();
        PrivateMessage.Protect(Suite, authenticated, _current.Secrets.SenderDataSecret, _current.SecretTree, Options.Padding, output);
        return output.WrittenSpan.ToArray();
    }
}

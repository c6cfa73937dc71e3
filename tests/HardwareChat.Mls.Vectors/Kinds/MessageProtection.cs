using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class MessageProtection : VectorKind
{
    private static readonly Sender SecondLeaf = Sender.Member(new LeafIndex(1));

    public override string Name => "message-protection";

    protected override string[] Members => ["membership_key", "proposal_pub", "commit_priv", "application_priv"];

    public override void Run(JsonElement test)
    {
        using var group = new TwoMemberGroup(test);
        byte[] proposal = test.Hex("proposal");
        byte[] commit = test.Hex("commit");
        byte[] application = test.Hex("application");

        Check.Bytes(proposal, Body(group.OpenPublic(test.Hex("proposal_pub"))), "proposal_pub");
        Check.Bytes(proposal, Body(group.OpenPrivate(test.Hex("proposal_priv"))), "proposal_priv");
        Check.Bytes(commit, Body(group.OpenPublic(test.Hex("commit_pub"))), "commit_pub");
        Check.Bytes(commit, Body(group.OpenPrivate(test.Hex("commit_priv"))), "commit_priv");
        Check.Bytes(application, Body(group.OpenPrivate(test.Hex("application_priv"))), "application_priv");

        FramedContent ownProposal = FramedContent.Of(group.Context.GroupId, group.Context.Epoch, SecondLeaf, default, Proposal.Decode(proposal));
        FramedContent ownCommit = FramedContent.Of(group.Context.GroupId, group.Context.Epoch, SecondLeaf, default, Commit.Decode(commit));
        FramedContent ownApplication = FramedContent.OfApplication(group.Context.GroupId, group.Context.Epoch, SecondLeaf, default, application);
        Check.Bytes(proposal, Body(group.OpenPublic(group.ProtectPublic(ownProposal))), "our own public proposal");
        Check.Bytes(proposal, Body(group.OpenPrivate(group.ProtectPrivate(ownProposal))), "our own private proposal");
        Check.Bytes(commit, Body(group.OpenPublic(group.ProtectPublic(ownCommit))), "our own public commit");
        Check.Bytes(commit, Body(group.OpenPrivate(group.ProtectPrivate(ownCommit))), "our own private commit");
        Check.Bytes(application, Body(group.OpenPrivate(group.ProtectPrivate(ownApplication))), "our own application message");

        bool refused = false;
        try
        {
            group.ProtectPublic(ownApplication);
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        Check.True(refused, "application data is never protected as a PublicMessage");
    }

    private static byte[] Body(FramedContent content)
        => content.Proposal is Proposal proposal ? TlsWriter.Encode(proposal)
            : content.Commit is Commit commit ? TlsWriter.Encode(commit)
            : content.ApplicationData.ToArray();

    /// <summary>The vector's group. Every message is opened and made under a fresh secret tree, as the format asks.</summary>
    private sealed class TwoMemberGroup(JsonElement test) : IDisposable
    {
        private readonly CipherSuite _suite = test.Suite();
        private readonly SignaturePrivateKey _signer = SignaturePrivateKey.Import(
            test.Suite().SignatureScheme, test.PrivateKey("signature_priv", test.Suite()));
        private readonly SignaturePublicKey _signatureKey = new(test.Hex("signature_pub"));
        private readonly Secret _membershipKey = test.Secret("membership_key");
        private readonly Secret _senderDataSecret = test.Secret("sender_data_secret");

        public GroupContext Context { get; } = new(
            test.Suite().Id,
            new GroupId(test.Hex("group_id")),
            new Epoch(test.UInt64("epoch")),
            test.Hex("tree_hash"),
            test.Hex("confirmed_transcript_hash"),
            ExtensionList.Empty);

        public FramedContent OpenPublic(byte[] message)
        {
            PublicMessage received = MlsMessage.Decode(message).PublicMessage ?? throw new VectorException("no PublicMessage");
            return Verified(received.Unprotect(_suite, Context, _membershipKey));
        }

        public FramedContent OpenPrivate(byte[] message)
        {
            PrivateMessage received = MlsMessage.Decode(message).PrivateMessage ?? throw new VectorException("no PrivateMessage");
            using SecretTree tree = SecretTree();
            return Verified(received.Open(_suite, received.OpenSenderData(_suite, _senderDataSecret), tree, new RatchetBounds(1000, 64)));
        }

        public byte[] ProtectPublic(FramedContent content)
            => new MlsMessage(PublicMessage.Protect(_suite, Signed(content, WireFormat.PublicMessage), Context, _membershipKey)).Encode();

        public byte[] ProtectPrivate(FramedContent content)
        {
            using SecretTree tree = SecretTree();
            using var output = new TlsBuffer();
            PrivateMessage.Protect(_suite, Signed(content, WireFormat.PrivateMessage), _senderDataSecret, tree, Padding.None, output);
            return output.WrittenSpan.ToArray();
        }

        public void Dispose()
        {
            _signer.Dispose();
            _membershipKey.Dispose();
            _senderDataSecret.Dispose();
        }

        private AuthenticatedContent Signed(FramedContent content, WireFormat wireFormat)
        {
            AuthenticatedContent signed = AuthenticatedContent.Sign(_suite, _signer, wireFormat, content, Context);
            return content.Commit is null ? signed : signed.With(confirmationTag: new byte[_suite.HashLength]);
        }

        private FramedContent Verified(AuthenticatedContent content)
        {
            Check.Equal(SecondLeaf, content.Content.Sender, "the sender");
            Check.True(content.VerifySignature(_suite, _signatureKey, Context), "the signature verifies");
            return content.Content;
        }

        private SecretTree SecretTree() => new(_suite, test.Secret("encryption_secret"), leafCount: 2);
    }
}

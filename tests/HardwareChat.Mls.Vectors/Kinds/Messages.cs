using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class Messages : VectorKind
{
    public override string Name => "messages";

    protected override string[] Members => ["mls_welcome", "mls_group_info", "mls_key_package", "private_message"];

    public override void Run(JsonElement test)
    {
        Message("mls_welcome", message => message.Welcome is not null);
        Message("mls_group_info", message => message.GroupInfo is not null);
        Message("mls_key_package", message => message.KeyPackage is not null);
        Message("public_message_application", message => message.PublicMessage?.ContentType == ContentType.Application);
        Message("public_message_proposal", message => message.PublicMessage?.ContentType == ContentType.Proposal);
        Message("public_message_commit", message => message.PublicMessage?.ContentType == ContentType.Commit);
        Message("private_message", message => message.PrivateMessage is not null);

        // A tree's keys have no form of their own: any suite reads any tree.
        Again("ratchet_tree", bytes => TlsWriter.Encode(RatchetTree.Decode(CipherSuite.X25519Aes128GcmSha256Ed25519, bytes)));
        Again("group_secrets", bytes =>
        {
            using GroupSecrets secrets = GroupSecrets.Decode(bytes);
            return TlsWriter.Encode(secrets);
        });
        Again("commit", bytes => TlsWriter.Encode(Commit.Decode(bytes)));

        Proposal("add_proposal", ProposalType.Add);
        Proposal("update_proposal", ProposalType.Update);
        Proposal("remove_proposal", ProposalType.Remove);
        Proposal("pre_shared_key_proposal", ProposalType.PreSharedKey);
        Proposal("re_init_proposal", ProposalType.ReInit);
        Proposal("external_init_proposal", ProposalType.ExternalInit);
        Proposal("group_context_extensions_proposal", ProposalType.GroupContextExtensions);

        void Message(string name, Func<MlsMessage, bool> isDue)
        {
            MlsMessage message = MlsMessage.Decode(test.Hex(name));
            Check.True(isDue(message), $"{name} is what it is called");
            Check.Bytes(test.Hex(name), message.Encode(), name);
        }

        // The vector holds the proposal's content without its type.
        void Proposal(string name, ProposalType type)
        {
            byte[] proposal = [(byte)(type.Value >> 8), (byte)type.Value, .. test.Hex(name)];
            Proposal decoded = Mls.Proposal.Decode(proposal);
            Check.Equal(type, decoded.Type, $"the type of {name}");
            Check.Bytes(proposal, TlsWriter.Encode(decoded), name);
        }

        void Again(string name, Func<byte[], byte[]> decodeAndEncode) => Check.Bytes(test.Hex(name), decodeAndEncode(test.Hex(name)), name);
    }
}

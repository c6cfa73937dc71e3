using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class TreeOperations : VectorKind
{
    public override string Name => "tree-operations";

    protected override string[] Members => ["tree_before", "proposal", "proposal_sender", "tree_after"];

    public override void Run(JsonElement test)
    {
        RatchetTree tree = RatchetTree.Decode(test.Suite(), test.Hex("tree_before"));
        Check.Bytes(test.Hex("tree_hash_before"), tree.TreeHash(), "tree_hash_before");
        switch (Proposal.Decode(test.Hex("proposal")))
        {
            case AddProposal add:
                tree.Add(add.KeyPackage.LeafNode);
                break;
            case UpdateProposal update:
                tree.Update(new LeafIndex(test.UInt32("proposal_sender")), update.LeafNode);
                break;
            case RemoveProposal remove:
                tree.Remove(remove.Removed);
                break;
            case Proposal other:
                throw new VectorException($"{other.Type} changes no tree");
        }

        Check.Bytes(test.Hex("tree_after"), TlsWriter.Encode(tree), "tree_after");
        Check.Bytes(test.Hex("tree_hash_after"), tree.TreeHash(), "tree_hash_after");
        Check.Bytes(tree.TreeHash(), RatchetTree.Decode(tree.Suite, test.Hex("tree_after")).TreeHash(), "the tree hash of tree_after, read anew");
    }
}

using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Vectors;

public class TreeOperationsTests
{
    [Fact]
    public void Every_case_of_the_working_group_holds()
    {
        foreach (JsonElement test in SharedVectors.Of("tree-operations"))
        {
            byte[] before = test.Hex("tree_before");
            RatchetTree tree = RatchetTree.Decode(test.Suite(), before);
            Assert.Equal(test.Hex("tree_hash_before"), tree.TreeHash());

            RatchetTree changed = tree.Copy();
            switch (Proposal.Decode(test.Hex("proposal")))
            {
                case AddProposal add:
                    changed.Add(add.KeyPackage.LeafNode);
                    break;
                case UpdateProposal update:
                    changed.Update(new LeafIndex(test.UInt32("proposal_sender")), update.LeafNode);
                    break;
                case RemoveProposal remove:
                    changed.Remove(remove.Removed);
                    break;
                default:
                    Assert.Fail("a proposal that changes no tree");
                    break;
            }

            Assert.Equal(test.Hex("tree_after"), TlsWriter.Encode(changed));
            Assert.Equal(test.Hex("tree_hash_after"), changed.TreeHash());

            // The former tree has not moved, and a tree read anew has the same hash as one that was changed.
            Assert.Equal(before, TlsWriter.Encode(tree));
            Assert.Equal(test.Hex("tree_hash_before"), tree.TreeHash());
            Assert.Equal(changed.TreeHash(), RatchetTree.Decode(tree.Suite, test.Hex("tree_after")).TreeHash());
        }
    }
}

using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>A proposal of a commit, with whoever made it.</summary>
/// <param name="Proposal">The proposal.</param>
/// <param name="Sender">The committer, or whoever sent it by itself.</param>
/// <param name="Reference">Its name, if the commit takes it by reference.</param>
public sealed record CommittedProposal(Proposal Proposal, Sender Sender, ProposalRef? Reference)
{
    internal void WriteTo(ref TlsWriter writer)
    {
        Proposal.WriteTo(ref writer);
        Sender.WriteTo(ref writer);
        writer.WriteOptional(Reference is not null);
        Reference?.WriteTo(ref writer);
    }

    internal static CommittedProposal ReadFrom(ref TlsReader reader) => new(
        Proposal.ReadFrom(ref reader),
        Sender.ReadFrom(ref reader),
        reader.ReadOptional() ? ProposalRef.ReadFrom(ref reader) : null);
}

namespace HardwareChat.Mls.Tests.Scenarios;

/// <summary>An application that knows everybody, and takes two leaves with the same credential for the same client.</summary>
internal sealed class AcceptEverybody : ICredentialCheck
{
    public static readonly GroupPolicy Policy = new(new AcceptEverybody());

    public bool Accepts(LeafEntry entry) => entry.Former is null || entry.Former.Credential.Equals(entry.Leaf.Credential);

    public bool AcceptsExternalSender(ExternalSender sender, GroupContext context) => true;

    public bool IsSameClient(LeafNode left, LeafNode right) => left.Credential.Equals(right.Credential);
}

namespace HardwareChat.Protocol;

/// <summary>Whom a client takes for its relay.</summary>
/// <remarks>
/// The pin is the relay key of the client's own replica; before there is one, that of the invite link. A successor needs one
/// statement, not a chain: admins sign it, not the key before. A client whose replica has not heard of a later
/// statement takes an earlier one, as it would take any news that is withheld from it; a statement that its replica already
/// holds, or has already moved beyond, is nothing new and is refused.
/// </remarks>
public static class RelayPin
{
    /// <summary>The check of a client that has no replica yet.</summary>
    public static RelayKeyCheck Of(Digest relayKey) => (shown, _) => shown == relayKey;

    /// <summary>The check of a client whose replica stands so.</summary>
    public static RelayKeyCheck Of(RegistryState replica)
    {
        ArgumentNullException.ThrowIfNull(replica);
        return (shown, succession) => shown == replica.RelayKey || (succession is not null && Succeeds(replica, shown, succession));
    }

    private static bool Succeeds(RegistryState replica, Digest shown, SignedStatement succession)
    {
        Statement statement = succession.Statement;
        bool names = statement.Body is RelayChange change && change.RelayKey == shown && statement.RegistryId == replica.Id;
        if (!names || statement.Version != Statement.CurrentVersion)
            return false;
        // What the replica holds of the signer's history must be the replica's own; what lies beyond it cannot be judged yet.
        bool sameHistory = statement.BaseSize > replica.Size || replica.RootAt(statement.BaseSize) == statement.BaseRoot;
        bool superseded = replica.LastChanges.TryGetValue(Subject.Relay, out ulong last) && last >= statement.BaseSize;
        return sameHistory && !superseded && StatementSigners.Check(replica, succession) is null;
    }
}

namespace HardwareChat.Relay;

// Orleans' AdoNet clustering runs whatever text stands in OrleansQuery under the keys that it knows, with its parameters by name.
// A change of membership counts the version up and changes the row in one statement, and answers with the number of rows that it
// changed: nothing at all when the version is not the one that the silo had read.

/// <summary>The tables and queries through which the silos of a cluster find each other.</summary>
internal static class PostgresMembership
{
    private const string Row = """
        SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort,
               m.SuspectTimes, m.StartTime, m.IAmAliveTime, v.Version
        FROM OrleansMembershipVersionTable v LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId
        """;

    private const string ThisSilo = "m.DeploymentId = @DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation";

    private const string NextVersion = "UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = now() WHERE DeploymentId = @DeploymentId AND Version = @Version";

    /// <summary>Makes the tables and writes the queries.</summary>
    public const string Create = $"""
        CREATE TABLE OrleansQuery(QueryKey text PRIMARY KEY, QueryText text NOT NULL);
        CREATE TABLE OrleansMembershipVersionTable(
            DeploymentId text PRIMARY KEY, Timestamp timestamptz(3) NOT NULL DEFAULT now(), Version integer NOT NULL DEFAULT 0);
        CREATE TABLE OrleansMembershipTable(
            DeploymentId text NOT NULL REFERENCES OrleansMembershipVersionTable, Address text NOT NULL, Port integer NOT NULL, Generation integer NOT NULL,
            SiloName text NOT NULL, HostName text NOT NULL, Status integer NOT NULL, ProxyPort integer, SuspectTimes text,
            StartTime timestamptz(3) NOT NULL, IAmAliveTime timestamptz(3) NOT NULL, PRIMARY KEY(DeploymentId, Address, Port, Generation));
        INSERT INTO OrleansQuery VALUES
        ('InsertMembershipVersionKey', $q$
            WITH made AS (INSERT INTO OrleansMembershipVersionTable(DeploymentId) VALUES(@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT count(*)::integer FROM made $q$),
        ('InsertMembershipKey', $q$
            WITH free AS (
                SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM OrleansMembershipTable m WHERE {ThisSilo})),
            next AS ({NextVersion} AND EXISTS (SELECT 1 FROM free) RETURNING 1),
            made AS (
                INSERT INTO OrleansMembershipTable(DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
                SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM next
                RETURNING 1)
            SELECT count(*)::integer FROM made $q$),
        ('UpdateMembershipKey', $q$
            WITH there AS (SELECT 1 FROM OrleansMembershipTable m WHERE {ThisSilo}),
            next AS ({NextVersion} AND EXISTS (SELECT 1 FROM there) RETURNING 1),
            made AS (
                UPDATE OrleansMembershipTable m SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime
                FROM next WHERE {ThisSilo} RETURNING 1)
            SELECT count(*)::integer FROM made $q$),
        ('UpdateIAmAlivetimeKey', $q$ UPDATE OrleansMembershipTable m SET IAmAliveTime = @IAmAliveTime WHERE {ThisSilo} $q$),
        ('MembershipReadRowKey', $q$ {Row} AND {ThisSilo} WHERE v.DeploymentId = @DeploymentId $q$),
        ('MembershipReadAllKey', $q$ {Row} WHERE v.DeploymentId = @DeploymentId $q$),
        ('GatewaysQueryKey', $q$
            SELECT Address, ProxyPort, Generation FROM OrleansMembershipTable
            WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0 $q$),
        ('DeleteMembershipTableEntriesKey', $q$
            WITH gone AS (DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId)
            DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId $q$),
        ('CleanupDefunctSiloEntriesKey', $q$
            DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3 $q$);
        """;
}

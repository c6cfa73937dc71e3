using System.CommandLine;

namespace HardwareChat.Relay;

/// <summary>The store that a verb of care looks after.</summary>
internal static class StoreFile
{
    /// <summary>The embedded store's file.</summary>
    /// <exception cref="ConfigurationException">The relay keeps its store in PostgreSQL.</exception>
    public static string Of(RelayFlags flags, ParseResult parsed)
    {
        RelayOptions options = flags.Read(parsed);
        return options.Cluster is null
            ? RelayStores.FileOf(options)
            : throw new ConfigurationException("this relay keeps its store in PostgreSQL", "use PostgreSQL's own tools: pg_dump, pg_restore, VACUUM");
    }
}

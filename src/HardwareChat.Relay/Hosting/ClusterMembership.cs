using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace HardwareChat.Relay;

/// <summary>How the processes of a cluster find each other: in the database that they share.</summary>
internal static class ClusterMembership
{
    /// <summary>Joins the cluster.</summary>
    public static void Use(ISiloBuilder silo, RelayOptions options)
    {
        silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = ("Npgsql", options.Cluster));
        IPAddress own = options.SiloAddress is { } address ? IPAddress.Parse(address) : IPAddress.Loopback;
        silo.Services.AddSingleton<IFatalErrorHandler, PlaceLost>();
        silo.ConfigureEndpoints(own, FreePort(own), gatewayPort: 0);
        silo.Configure<ClusterMembershipOptions>(static membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
            membership.NumVotesForDeathDeclaration = 1;
            membership.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
        });
    }

    private static int FreePort(IPAddress address)
    {
        using var listener = new TcpListener(address, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

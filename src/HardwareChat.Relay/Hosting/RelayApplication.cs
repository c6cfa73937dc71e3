using System.Net;
using System.Net.Sockets;
using HardwareChat.Enrolment;
using HardwareChat.Protocol;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orleans.Configuration;

namespace HardwareChat.Relay;

/// <summary>A relay: one process that listens, with its silo and its store.</summary>
/// <remarks>Started and stopped by whoever built it. Owns everything inside, the store too.</remarks>
public sealed class RelayApplication : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly WebApplication _web;
    private readonly IRelayStore _store;
    private readonly SetupCode _setup;

    private RelayApplication(WebApplication web, IRelayStore store, RelayOptions options, RelayIdentity identity, SetupCode setup)
    {
        _web = web;
        _store = store;
        Options = options;
        Identity = identity;
        _setup = setup;
    }

    /// <summary>What the administrator decided.</summary>
    public RelayOptions Options { get; }

    /// <summary>Who this relay is.</summary>
    public RelayIdentity Identity { get; }

    /// <summary>Where it listens, once started.</summary>
    public Uri Address => new(_web.Urls.First());

    /// <summary>The address that clients use: the configured one, or where it listens.</summary>
    public Uri PublicAddress => Options.Address is { } address ? new Uri(address) : Address;

    /// <summary>The services, for the tools of this process.</summary>
    public IServiceProvider Services => _web.Services;

    /// <summary>The link with which the first admin founds the registry; null once there is one.</summary>
    public string? SetupLink => _web.Services.GetRequiredService<RegistryView>().State.Size == 0 ? _setup.Link(PublicAddress, Identity.PublicKey) : null;

    /// <summary>A relay over a store.</summary>
    /// <param name="options">What the administrator decided.</param>
    /// <param name="store">The store; owned from now on.</param>
    /// <param name="configure">Adds to the web host: logging, metrics, tests' clocks.</param>
    public static RelayApplication Build(RelayOptions options, IRelayStore store, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(store);
        Directory.CreateDirectory(options.Data);
        RelayIdentity identity = RelayIdentity.LoadOrCreate(Path.Combine(options.Data, "identity"));
        var setup = new SetupCode();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });

        // The silo's notes on its garbage collector, and a watchdog that warns of the time before its first look.
        builder.Logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error).AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning);

        // What keeps the relay from starting is said once, by the command line, in words.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        AddServices(builder.Services, options, store, identity, setup);
        configure?.Invoke(builder);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.UseOrleans(silo => Join(silo, options));
        WebApplication web = builder.Build();
        Map(web, options);
        return new RelayApplication(web, store, options, identity, setup);
    }

    /// <summary>Reads the registry, and listens.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancel = default)
    {
        await _web.Services.GetRequiredService<RegistryView>().CatchUpAsync(cancel);
        await _web.StartAsync(cancel);
    }

    /// <summary>Drains, and stops: what was acknowledged is on disk, and every client has been told when to come back.</summary>
    public async Task StopAsync(CancellationToken cancel = default)
    {
        await _web.Services.GetRequiredService<Housekeeping>().DrainAsync(cancel);
        await _web.StopAsync(cancel);
    }

    /// <summary>Completes when the process is asked to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancel = default)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _web.Lifetime.ApplicationStopping.Register(stopping.SetResult);
        return stopping.Task.WaitAsync(cancel);
    }

    /// <summary>Stops without ceremony, and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var limit = new CancellationTokenSource(Patience))
            await _web.StopAsync(limit.Token);
        await _web.DisposeAsync();
        await _store.DisposeAsync();
        Identity.Dispose();
        _setup.Dispose();
    }

    private static void AddServices(IServiceCollection services, RelayOptions options, IRelayStore store, RelayIdentity identity, SetupCode setup)
    {
        services.AddSingleton(options).AddSingleton(options.Limits).AddSingleton(identity).AddSingleton(setup);
        services.AddSingleton<EvidenceCheck>(new PivEvidence().Check);
        services.AddSingleton<IRelayStore>(_ => store).AddSingleton<RelayTime>();
        services.AddSingleton<RegistryView>().AddSingleton<ProcessKey>().AddSingleton<ConnectionTable>().AddSingleton<ProcessDirectory>();
        services.AddSingleton<RoomHub>().AddSingleton<RoomPorts>().AddSingleton<RelayMetrics>();
        services.AddSingleton<RequestHandlers>().AddSingleton<RoomRequests>().AddSingleton<RegistryRequests>().AddSingleton<KeyPackageRequests>();
        services.AddSingleton<BlobRequests>().AddSingleton<BlobTickets>().AddSingleton<ChannelEndpoint>();
        services.AddSingleton<Housekeeping>().AddHostedService(static provider => provider.GetRequiredService<Housekeeping>());
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
    }

    private static void Listen(KestrelServerOptions kestrel, RelayOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.Limits.Connections + ProtocolLimits.HalfOpen;
        kestrel.Limits.MaxConcurrentUpgradedConnections = options.Limits.Connections + ProtocolLimits.HalfOpen;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(ProtocolLimits.HandshakeSeconds);
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestBodySize = BlobEndpoints.PieceBytes;
        kestrel.Listen(IPEndPoint.Parse(options.Listen), listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (options.TlsCert is not null)
                TlsCertificate.Use(listen, options);
        });
    }

    private static void Join(ISiloBuilder silo, RelayOptions options)
    {
        silo.Configure<ClusterOptions>(static cluster => (cluster.ClusterId, cluster.ServiceId) = ("hwchat", "hwchat-relay"));
        silo.Configure<GrainCollectionOptions>(static collection => collection.CollectionAge = TimeSpan.FromMinutes(10));
        if (options.Cluster is null)
        {
            int port = FreePort();
            silo.UseLocalhostClustering(port, gatewayPort: 0);
            return;
        }
        ClusterMembership.Use(silo, options);
    }

    // The silo of a relay of one process talks to nobody; it still wants a port, on loopback.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Map(WebApplication web, RelayOptions options)
    {
        if (options.TrustedProxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (string proxy in options.TrustedProxies)
                forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
            web.UseForwardedHeaders(forwarded);
        }
        ChannelEndpoint channel = web.Services.GetRequiredService<ChannelEndpoint>();
        web.Map("/channel", context => channel.ServeAsync(context));
        BlobEndpoints.Map(web);
        web.MapGet("/healthz", static () => Results.Ok());
        web.MapGet("/readyz", static async (Housekeeping care) => await care.IsReadyAsync() ? Results.Ok() : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
    }
}

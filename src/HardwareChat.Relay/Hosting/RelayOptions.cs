using System.ComponentModel.DataAnnotations;

namespace HardwareChat.Relay;

/// <summary>What an administrator decides: by file, environment (<c>HWCHAT_RELAY_</c>) or flags. A key that is not here refuses the start.</summary>
public sealed class RelayOptions
{
    /// <summary>Where to listen: <c>ADDRESS:PORT</c>; port 0 takes a free one.</summary>
    public string Listen { get; set; } = "127.0.0.1:7443";

    /// <summary>The data folder: identity and, without a cluster, the store.</summary>
    public string Data { get; set; } = "hwchat-data";

    /// <summary>The address that clients use, for the links that this relay prints: <c>https://chat.example.org</c>.</summary>
    public string? Address { get; set; }

    /// <summary>PEM file of the TLS certificate with its chain; null where a reverse proxy ends TLS.</summary>
    public string? TlsCert { get; set; }

    /// <summary>PEM file of the certificate's key.</summary>
    public string? TlsKey { get; set; }

    /// <summary>A PostgreSQL connection string: several relays share it. Null for one relay with a file of its own.</summary>
    public string? Cluster { get; set; }

    /// <summary>This process's address for the others of its cluster; null for loopback.</summary>
    public string? SiloAddress { get; set; }

    /// <summary>Addresses of reverse proxies whose X-Forwarded-For counts.</summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>Where Prometheus metrics are served: <c>127.0.0.1:9464</c>; null for nowhere.</summary>
    public string? Metrics { get; set; }

    /// <summary>Origin values that may connect from a browser.</summary>
    public IList<string> Origins { get; } = [];

    /// <summary>Where clients go when this relay drains; null for the same address.</summary>
    public string? DrainTo { get; set; }

    /// <summary>Minutes after which a restored relay takes new appends, though clients may hold more.</summary>
    [Range(0, 525_600)]
    public int HealingMinutes { get; set; } = 30;

    /// <summary>The limits.</summary>
    public RelayLimits Limits { get; } = new();
}

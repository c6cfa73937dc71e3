using System.CommandLine;

namespace HardwareChat.Relay;

/// <summary>The flags that stand for keys of the configuration.</summary>
internal sealed class RelayFlags
{
    private readonly Option<string?> _config = new("--config") { Description = "A JSON file of configuration keys.", HelpName = "FILE" };

    private readonly (string Key, Option<string?> Option)[] _keys =
    [
        ("Listen", new("--listen") { Description = "Where to listen (127.0.0.1:7443).", HelpName = "ADDRESS:PORT" }),
        ("Data", new("--data") { Description = "The data folder (hwchat-data).", HelpName = "FOLDER" }),
        ("Address", new("--address") { Description = "The address that clients use.", HelpName = "https://HOST" }),
        ("TlsCert", new("--tls-cert") { Description = "Certificate chain, PEM; read again when it changes.", HelpName = "FILE" }),
        ("TlsKey", new("--tls-key") { Description = "The certificate's key, PEM.", HelpName = "FILE" }),
        ("Cluster", new("--cluster") { Description = "PostgreSQL shared by several relays.", HelpName = "Host=...;..." }),
        ("Metrics", new("--metrics") { Description = "Where to serve Prometheus metrics, on loopback.", HelpName = "ADDRESS:PORT" }),
    ];

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_config);
        foreach ((_, Option<string?> option) in _keys)
            command.Add(option);
    }

    /// <summary>The options of this start.</summary>
    public RelayOptions Read(ParseResult parsed)
    {
        var flags = new Dictionary<string, string?>();
        foreach ((string key, Option<string?> option) in _keys)
        {
            if (parsed.GetValue(option) is { } value)
                flags[key] = value;
        }
        return RelayConfiguration.Read(parsed.GetValue(_config), flags);
    }
}

using System.Net;
using System.Reflection;
using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>The configuration is not one that a relay can start with.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Not usable, for this reason.</summary>
    public ConfigurationException(string message, string hint)
        : base(message) => Hint = hint;

    /// <summary>What to do.</summary>
    public string Hint { get; }
}

/// <summary>Reads the options: the file, then the environment, then flags, each over the one before.</summary>
public static class RelayConfiguration
{
    /// <summary>Prefix of the environment's variables: <c>HWCHAT_RELAY_LIMITS__CONNECTIONS</c>.</summary>
    public const string EnvironmentPrefix = "HWCHAT_RELAY_";

    /// <summary>The options of this start.</summary>
    /// <param name="file">A JSON file; null for none.</param>
    /// <param name="flags">Keys and values of the command line.</param>
    /// <exception cref="ConfigurationException">A key is not known, or a value cannot be.</exception>
    public static RelayOptions Read(string? file, IReadOnlyDictionary<string, string?> flags)
    {
        var builder = new ConfigurationBuilder();
        try
        {
            if (file is not null)
                builder.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
            IConfigurationRoot configuration = builder.AddEnvironmentVariables(EnvironmentPrefix).AddInMemoryCollection(flags).Build();
            RefuseUnknown(configuration, typeof(RelayOptions));
            var options = new RelayOptions();
            configuration.Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
            Check(options);
            return options;
        }
        catch (FileNotFoundException)
        {
            throw new ConfigurationException($"there is no configuration file {file}", "name one with --config FILE, or leave it out");
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or FormatException)
        {
            throw new ConfigurationException(Innermost(e), "docs/OPERATIONS.md lists every key; `hwchat-relay check-config` shows what would be used");
        }
    }

    // A key with a typing mistake would be a limit that is not in force.
    private static void RefuseUnknown(IConfiguration section, Type type)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            PropertyInfo? known = type.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            Require(known is not null, $"there is no configuration key {child.Path}", "`hwchat-relay check-config` without it prints every key and its value");
            if (known!.PropertyType == typeof(RelayLimits))
                RefuseUnknown(child, typeof(RelayLimits));
        }
    }

    /// <summary>Checks that the values can be.</summary>
    private static void Check(RelayOptions options)
    {
        Require(IPEndPoint.TryParse(options.Listen, out _), $"Listen is not ADDRESS:PORT: {options.Listen}", "for example 127.0.0.1:7443, or 0.0.0.0:443 with a certificate");
        Require(options.TlsKey is null || options.TlsCert is not null, "TlsKey is given without TlsCert", "give --tls-cert too");
        foreach (string? pem in (string?[])[options.TlsCert, options.TlsKey])
            Require(pem is null || File.Exists(pem), $"there is no file {pem}", "TlsCert and TlsKey are PEM files");
        Require(options.Address is null || Uri.TryCreate(options.Address, UriKind.Absolute, out Uri? address) && address.Scheme is "https" or "http", $"Address is not an https address: {options.Address}", "for example https://chat.example.org");
        foreach (string proxy in options.TrustedProxies)
            Require(IPAddress.TryParse(proxy, out _), $"a trusted proxy is not an IP address: {proxy}", "name the proxy's own address, not its clients'");
        Require(options.DrainTo is null || options.DrainTo.StartsWith("wss://", StringComparison.Ordinal), $"DrainTo is not a wss:// address: {options.DrainTo}", "leave it out to send clients back here");
        RelayLimits limits = options.Limits;
        Require(limits.Connections > 0 && limits.QueueBytes >= 2 * ProtocolLimits.CommitBytes && limits.AppendsUnderWay > 0 && limits.Subscriptions > 0, $"a limit is zero or below, or Limits:QueueBytes is below {2 * ProtocolLimits.CommitBytes}, which no commit would fit", "leave limits out to have their defaults");
    }

    private static void Require(bool holds, string message, string hint)
    {
        if (!holds)
            throw new ConfigurationException(message, hint);
    }

    private static string Innermost(Exception e) => (e.InnerException is null ? e.Message : Innermost(e.InnerException)).ReplaceLineEndings(" ");
}

using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Reflection;

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
            // A value that is no number: the binder names its key, and what is inside does not.
            throw new ConfigurationException(e is InvalidOperationException ? e.Message.ReplaceLineEndings(" ") : Innermost(e), "docs/OPERATIONS.md lists every key; `hwchat-relay check-config` shows what would be used");
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
        Require(options.Metrics is null || IPEndPoint.TryParse(options.Metrics, out _), $"Metrics is not ADDRESS:PORT: {options.Metrics}", "for example 127.0.0.1:9464");
        Require(options.SiloAddress is null || IPAddress.TryParse(options.SiloAddress, out _), $"SiloAddress is not an IP address: {options.SiloAddress}", "for example 192.0.2.7, by which the others of the cluster reach this relay");
        CheckBounds("", options);
        CheckBounds("Limits:", options.Limits);
    }

    private static void CheckBounds(string prefix, object section)
    {
        foreach (PropertyInfo property in section.GetType().GetProperties())
        {
            if (property.GetCustomAttribute<RangeAttribute>() is { } bounds)
                Require(bounds.IsValid(property.GetValue(section)), string.Create(CultureInfo.InvariantCulture, $"{prefix}{property.Name} is not from {bounds.Minimum} to {bounds.Maximum}"), "leave it out to have its default");
        }
    }

    private static void Require(bool holds, string message, string hint)
    {
        if (!holds)
            throw new ConfigurationException(message, hint);
    }

    private static string Innermost(Exception e) => (e.InnerException is null ? e.Message : Innermost(e.InnerException)).ReplaceLineEndings(" ");
}

using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace HardwareChat.Relay.Tests.CommandLine;

/// <summary>The keys of the configuration: their bounds, and the table of them in docs/OPERATIONS.md.</summary>
public sealed class ConfigurationTests
{
    private const string Heading = "### Every key of the configuration";

    private static readonly RelayOptions Defaults = new();

    [Fact]
    public void The_table_in_the_manual_has_every_key_with_its_default_and_bounds_and_no_other()
    {
        Assert.All(Keys(), static key => Assert.Equal(key.Value is int or double or ulong, key.Property.IsDefined(typeof(RangeAttribute))));
        string manual = File.ReadAllText(Path.Combine(Root(), "docs", "OPERATIONS.md"));
        string[][] table = [.. manual[manual.IndexOf(Heading, StringComparison.Ordinal)..].Split("\n#", 3)[0].Split('\n')
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))];
        Assert.Equal(Keys().Select(static key => (key.Name, Default(key), Bounds(key))), table.Select(static row => (row[1].Split('`')[1], row[3].Trim('`'), row[4])).Zip(Keys(),
            static (row, key) => (row.Item1, row.Item2, key.Property.IsDefined(typeof(RangeAttribute)) ? row.Item3 : "")));
    }

    [Fact]
    public async Task The_flags_in_the_manual_are_those_of_the_program()
    {
        string manual = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "OPERATIONS.md"), TestContext.Current.CancellationToken);
        string[] flags = [.. manual[manual.IndexOf(Heading, StringComparison.Ordinal)..].Split("\n#", 3)[0].Split('`').Where(static word => word.StartsWith("--", StringComparison.Ordinal))];
        (_, string help, _) = await RelayProgram.RunAsync(AppContext.BaseDirectory, "check-config", "--help");
        string[] known = [.. help.Split([' ', '\n', ','], StringSplitOptions.RemoveEmptyEntries).Where(static word => word.StartsWith("--", StringComparison.Ordinal) && word is not ("--config" or "--help"))];
        Assert.Equal(known.Order(), flags.Order());
        Assert.Equal(7, flags.Length);
    }

    [Fact]
    public void A_number_out_of_its_bounds_refuses_the_start_and_the_bounds_themselves_do_not()
    {
        foreach ((string name, PropertyInfo property, _) in Keys().Where(static key => key.Property.IsDefined(typeof(RangeAttribute))))
        {
            RangeAttribute bounds = property.GetCustomAttribute<RangeAttribute>()!;
            Assert.NotNull(Read(name, Text(bounds.Minimum)));
            Assert.NotNull(Read(name, Text(bounds.Maximum)));
            foreach (string crossing in (string[])["-1", Text(2 * Convert.ToDouble(bounds.Maximum, CultureInfo.InvariantCulture)), "many"])
                Assert.Contains(property.Name, Assert.Throws<ConfigurationException>(() => Read(name, crossing)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Metrics", "9464x")]
    [InlineData("SiloAddress", "relay-two")]
    [InlineData("Limits:Conections", "5")]
    public void A_key_or_address_that_cannot_be_refuses_the_start_and_is_named(string key, string value)
        => Assert.Contains(key, Assert.Throws<ConfigurationException>(() => Read(key, value)).Message, StringComparison.Ordinal);

    private static RelayOptions Read(string key, string value) => RelayConfiguration.Read(null, new Dictionary<string, string?> { [key] = value });

    private static IEnumerable<(string Name, PropertyInfo Property, object? Value)> Keys()
        => typeof(RelayOptions).GetProperties().Where(static p => p.PropertyType != typeof(RelayLimits)).Select(static p => (p.Name, p, p.GetValue(Defaults)))
            .Concat(typeof(RelayLimits).GetProperties().Select(static p => ("Limits:" + p.Name, p, p.GetValue(Defaults.Limits))));

    private static string Default((string Name, PropertyInfo Property, object? Value) key) => key.Value is null or IList ? "-" : Text(key.Value);

    private static string Bounds((string Name, PropertyInfo Property, object? Value) key)
        => key.Property.GetCustomAttribute<RangeAttribute>() is { } range ? $"{Text(range.Minimum)} to {Text(range.Maximum)}" : "";

    private static string Text(object value) => value is double number ? number.ToString("0.###", CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "HardwareChat.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not run from a build inside the repository");
        return folder;
    }
}

namespace HardwareChat.EndToEnd.Tests.Faults;

/// <summary>Two relays over PostgreSQL keep each acknowledged message once and in order, whatever befalls one of them. All faults, and for as long as one likes: HardwareChat.Bench, cluster.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task Neither_a_killed_relay_nor_a_crashed_database_loses_or_doubles_a_message()
    {
        Assert.SkipUnless(PostgresProcess.IsInstalled, "PostgreSQL is not installed here (Debian: postgresql)");
        await using ClusterLoop loop = await ClusterLoop.StartAsync();
        foreach (ClusterFault fault in (ClusterFault[])[ClusterFault.Kill, ClusterFault.Database])
        {
            ClusterReport report = await loop.RunAsync(fault);
            TestContext.Current.TestOutputHelper?.WriteLine($"{fault}: {report}");
            Assert.True(report.Acknowledged > 0 && report.Retried > 0, $"no message was under way: {report}");
        }
    }
}

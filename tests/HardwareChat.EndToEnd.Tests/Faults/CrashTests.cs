namespace HardwareChat.EndToEnd.Tests.Faults;

public sealed class CrashTests
{
    [Theory]
    [InlineData(1)]
    public async Task A_relay_that_is_killed_five_times_under_load_keeps_each_acknowledged_message_once_and_in_order(int seed)
    {
        await using var loop = new CrashLoop(seed);
        CrashReport report = await loop.RunAsync(static kills => kills < 5);
        TestContext.Current.TestOutputHelper?.WriteLine($"{report}");
        Assert.True(report.Acknowledged > 5 * 48, $"the relay acknowledged too little for this to be a load: {report}");
        Assert.True(report.Retried > 0, $"no kill hit a message that was under way: {report}");
    }
}

using System.Globalization;

namespace HardwareChat.EndToEnd.Tests.Crowds;

public sealed class CrowdTests
{
    private const string SeedVariable = "HARDWARECHAT_SEED";

    [Fact]
    public Task A_few_who_chat_and_are_killed_end_with_one_transcript() => RunAsync(people: 5, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(1));

    /// <summary>The long form: -explicit only -showLiveOutput -method "*Fifty_clients*", with HARDWARECHAT_SEED for a run again.</summary>
    [Fact(Explicit = true)]
    public Task Fifty_clients_that_chat_for_five_minutes_and_are_killed_end_with_one_transcript()
        => RunAsync(people: 50, TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1));

    private static async Task RunAsync(int people, TimeSpan time, TimeSpan betweenDeaths)
    {
        int seed = Environment.GetEnvironmentVariable(SeedVariable) is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{SeedVariable}={seed}"));
        await using Crowd crowd = await Crowd.FoundAsync(people, seed);
        CrowdReport report = await crowd.RunAsync(time, betweenDeaths);
        TestContext.Current.TestOutputHelper?.WriteLine($"{report}");
        Assert.True(report.Said > people && report.Deaths > 0, $"too little happened: {report}");
    }
}

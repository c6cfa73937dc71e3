using System.Globalization;

namespace HardwareChat.Mls.Tests.Scenarios;

/// <summary>
/// A random walk a suite. HARDWARECHAT_MODEL_STEPS sets the steps of each (the nightly form: 5000), HARDWARECHAT_MODEL_SEED repeats a walk.
/// </summary>
public class ModelWalkTests(ITestOutputHelper output)
{
    private const int Steps = 150;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void All_members_agree_after_every_epoch_of_a_random_walk(ushort suite)
    {
        int seed = Setting("HARDWARECHAT_MODEL_SEED") ?? Random.Shared.Next();
        int steps = Setting("HARDWARECHAT_MODEL_STEPS") ?? Steps;
        output.WriteLine($"seed {seed}, {steps} steps");
        Assert.True(CipherSuite.TryGet(new CipherSuiteId(suite), out CipherSuite? algorithms));
        using var walk = new ModelWalk(algorithms, seed);
        try
        {
            for (int i = 0; i < steps; i++)
                walk.Step();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"HARDWARECHAT_MODEL_SEED={seed} HARDWARECHAT_MODEL_STEPS={steps}, suite {suite}, after: {string.Join("; ", walk.History.TakeLast(5))}", exception);
        }

        output.WriteLine($"{walk.Epochs} epochs");
        Assert.True(walk.Epochs > steps / 4, $"only {walk.Epochs} epochs in {steps} steps");
    }

    private static int? Setting(string name)
        => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}

using System.Diagnostics;

namespace HardwareChat.Client.Tests;

/// <summary>kill -9 at any instant, and a loss of power at any instant, leave the old state or the new one.</summary>
public sealed class VaultCrashTests : IDisposable
{
    private const int Kills = 4;
    private const int TracedRounds = 12;
    private const int Seed = 20261123;

    private readonly VaultFolder _folder = new();
    private readonly RecoveryCode _code = RecoveryCode.Create();

    public VaultCrashTests()
    {
        using Vault vault = _folder.Create(VaultRecipient.Recovery(_code));
        vault.Close();
    }

    public void Dispose()
    {
        _code.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Killed_process_leaves_all_that_it_acknowledged()
    {
        var random = new Random(Seed);
        string fresh = _folder.Beside("fresh");
        File.Copy(_folder.Path, fresh);
        for (int kill = 0; kill < Kills; kill++)
        {
            File.Copy(fresh, _folder.Path, overwrite: true);
            File.Delete(_folder.Path + "-wal");
            int until = random.Next(1, 60);
            using (Process victim = Process.Start(VaultVictim.Start(_folder.Path, _code, rounds: 200))!)
            {
                while (!victim.HasExited && Acknowledged() < until)
                    await Task.Delay(1, TestContext.Current.CancellationToken);
                victim.Kill();
                await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            Assert.InRange(Acknowledged(), until, 200);
            VaultVictim.AssertSurvived(_folder.Path, _code, Acknowledged());
            File.Delete(VaultVictim.AcknowledgedPath(_folder.Path));
        }
    }

    [Fact]
    public async Task Every_write_may_be_the_last()
    {
        FileTrace trace = await FileTrace.RecordAsync(_folder, _code, TracedRounds);
        int points = trace.Replay(_folder.Beside("replayed"), isPowerLost: false, (path, acknowledged) => VaultVictim.AssertSurvived(path, _code, acknowledged));
        Assert.InRange(points, TracedRounds * 4, int.MaxValue);
    }

    [Fact]
    public async Task Power_may_be_lost_after_every_write()
    {
        FileTrace trace = await FileTrace.RecordAsync(_folder, _code, TracedRounds);
        int points = trace.Replay(_folder.Beside("replayed"), isPowerLost: true, (path, acknowledged) => VaultVictim.AssertSurvived(path, _code, acknowledged));
        Assert.InRange(points, TracedRounds * 4, int.MaxValue);
    }

    private long Acknowledged() => new FileInfo(VaultVictim.AcknowledgedPath(_folder.Path)) is { Exists: true, Length: long length } ? length : 0;
}

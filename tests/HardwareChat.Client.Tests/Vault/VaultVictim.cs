using System.Diagnostics;
using System.Globalization;
using System.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

/// <summary>A process that writes to a vault until it is killed; the other tests start it. What it had acknowledged must be there afterwards, whole.</summary>
public static class VaultVictim
{
    private const string PathVariable = "HARDWARECHAT_VAULT_VICTIM";
    private const string CodeVariable = "HARDWARECHAT_VAULT_VICTIM_CODE";
    private const string RoundsVariable = "HARDWARECHAT_VAULT_VICTIM_ROUNDS";

    private static readonly RoomId Room = VaultFolder.Room(1);

    [Fact(Explicit = true)]
    public static void Writes_until_it_is_killed()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is not string path)
        {
            Assert.Skip("started by other tests, with a vault to write to");
            return;
        }

        using RecoveryCode code = RecoveryCode.Parse(Environment.GetEnvironmentVariable(CodeVariable));
        int rounds = int.Parse(Environment.GetEnvironmentVariable(RoundsVariable)!, CultureInfo.InvariantCulture);
        using var acknowledged = new FileStream(AcknowledgedPath(path), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        using LockedVault locked = LockedVault.Open(path);
        using Vault vault = locked.Unlock(code, VaultFolder.Options);
        for (int round = 1; round <= rounds; round++)
        {
            Write(vault, round);
            acknowledged.Write("."u8);
        }

        vault.Close();
    }

    /// <summary>How the process is started, in front of <paramref name="prefix"/> if there is one.</summary>
    internal static ProcessStartInfo Start(string path, RecoveryCode code, int rounds, params string[] prefix)
    {
        string[] command =
        [
            .. prefix, Path.Combine(AppContext.BaseDirectory, "HardwareChat.Client.Tests"),
            "-noLogo", "-noColor", "-explicit", "only", "-method", $"HardwareChat.Client.Tests.{nameof(VaultVictim)}.{nameof(Writes_until_it_is_killed)}",
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
        start.Environment[PathVariable] = path;
        start.Environment[CodeVariable] = code.Format();
        start.Environment[RoundsVariable] = rounds.ToString(CultureInfo.InvariantCulture);
        return start;
    }

    internal static string AcknowledgedPath(string path) => path + "-acknowledged";

    /// <summary>The vault opens, nothing acknowledged is missing, and the last transaction is there wholly or not at all.</summary>
    internal static void AssertSurvived(string path, RecoveryCode code, long acknowledged)
    {
        using LockedVault locked = LockedVault.Open(path);
        using Vault vault = locked.Unlock(code, VaultFolder.Options);
        Assert.Null(vault.CheckIntegrity());
        int round = int.Parse(vault.Read(transaction => transaction.Settings.FindText("round")) ?? "0", CultureInfo.InvariantCulture);
        Assert.InRange(round, acknowledged, acknowledged + 1);
        Assert.Equal(round - (round / 5), vault.Read(transaction => transaction.Messages.Count()));
        Assert.Equal((ulong)round, vault.Read(transaction => transaction.Messages.Last(Room))?.Sequence ?? 0);
        Assert.Equal(Math.Min(round, 1), vault.Read(transaction => transaction.Outbox.Of(Room)).Count);
        using Mls.Secret? state = vault.Read(transaction => transaction.Rooms.FindState(Room));
        Assert.Equal(round > 0, state is not null);
        Assert.True(state is null || !state.Span.ContainsAnyExcept((byte)round));
        Write(vault, round + 1);
    }

    private static void Write(Vault vault, int round) => vault.Write(transaction =>
    {
        transaction.Settings.PutText("round", round.ToString(CultureInfo.InvariantCulture));
        transaction.Messages.Put(VaultFolder.Message(Room, (ulong)round, $"round {round}"));
        byte[] state = new byte[20_000];
        state.AsSpan().Fill((byte)round);
        transaction.Rooms.PutState(Room, state);
        foreach (QueuedMessage sent in transaction.Outbox.Of(Room))
            transaction.Outbox.Remove(Room, sent.Number);
        transaction.Outbox.Add(new QueuedMessage(Room, 0) { Content = Encoding.UTF8.GetBytes("next") });
        if (round % 5 == 0)
            transaction.Messages.Remove(Room, (ulong)(round - 3));
    });
}

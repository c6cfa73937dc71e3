using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>The contract on the built-in driver, with the simulated card in process.</summary>
public abstract class InProcessTokenTests(FirmwareProfile profile) : TokenContract(profile)
{
    protected override Task InsertAsync() => Task.CompletedTask;

    protected override Task RemoveAsync()
    {
        Card.Remove();
        return Task.CompletedTask;
    }

    protected override async Task<IToken> OpenTokenAsync(TimeSpan? patience, EventHandler<CardBusyEventArgs>? whileOpening)
    {
        var turn = new CardTurn { Patience = patience ?? CardTurn.DefaultPatience };
        turn.Changed += change => whileOpening?.Invoke(this, change);
        return await PivToken.OpenAsync(() => new SimulatedCardChannel(Card), DeviceQuestion.Ask, turn, Clock, Cancel);
    }

    protected override Task ResetByAnotherAsync()
    {
        Card.PowerCycle();
        return Task.CompletedTask;
    }

    protected override Task<IAsyncDisposable> HoldByAnotherAsync()
    {
        var other = new SimulatedCardChannel(Card);
        return Task.FromResult<IAsyncDisposable>(new Hold(other, other.BeginTransaction()));
    }

    private sealed class Hold(SimulatedCardChannel channel, IDisposable transaction) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            transaction.Dispose();
            channel.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

public sealed class Firmware43TokenTests() : InProcessTokenTests(FirmwareProfile.Firmware43);

public sealed class Firmware52TokenTests() : InProcessTokenTests(FirmwareProfile.Firmware52);

public sealed class Firmware54TokenTests() : InProcessTokenTests(FirmwareProfile.Firmware54);

public sealed class Firmware57TokenTests() : InProcessTokenTests(FirmwareProfile.Firmware57);

using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>The same contract through the system's PC/SC library, a real service and a virtual reader.</summary>
[Collection(WithVirtualReader.Name)]
public sealed class PcscTokenTests(VirtualReader reader) : TokenContract(FirmwareProfile.Firmware57)
{
    private CardInsertion? _insertion;

    protected override async Task InsertAsync()
    {
        reader.Require(AnotherProgram.Needs);
        _insertion = await reader.InsertAsync(Card, owned: false);
    }

    protected override async Task RemoveAsync()
    {
        if (_insertion is not null)
            await _insertion.DisposeAsync();
        _insertion = null;
    }

    protected override async Task<IToken> OpenTokenAsync(TimeSpan? patience, EventHandler<CardBusyEventArgs>? whileOpening)
    {
        var driver = new PcscTokenDriver { Patience = patience ?? CardTurn.DefaultPatience, Clock = Clock };
        driver.BusyChanged += whileOpening;
        return await driver.OpenAsync(new TokenInfo(VirtualReader.Name), Cancel);
    }

    protected override Task ResetByAnotherAsync() => AnotherProgram.ResetAsync(VirtualReader.Name);

    protected override async Task<IAsyncDisposable> HoldByAnotherAsync() => await AnotherProgram.HoldAsync(VirtualReader.Name);
}

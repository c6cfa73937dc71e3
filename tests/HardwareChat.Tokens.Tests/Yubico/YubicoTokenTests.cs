using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Tests.Contract;
using HardwareChat.Tokens.Tests.Foreign;
using HardwareChat.Tokens.Yubico;

namespace HardwareChat.Tokens.Tests.Yubico;

/// <summary>The same contract on the driver over Yubico's SDK, through a real PC/SC service and a virtual reader.</summary>
[Collection(WithVirtualReader.Name)]
public abstract class YubicoTokenTests(VirtualReader reader, FirmwareProfile profile) : TokenContract(profile)
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
        var driver = new YubicoTokenDriver { Patience = patience ?? CardTurn.DefaultPatience, Clock = Clock };
        driver.BusyChanged += whileOpening;
        return await driver.OpenAsync(new TokenInfo(VirtualReader.Name), Cancel);
    }

    protected override Task ResetByAnotherAsync() => AnotherProgram.ResetAsync(VirtualReader.Name);

    protected override async Task<IAsyncDisposable> HoldByAnotherAsync() => await AnotherProgram.HoldAsync(VirtualReader.Name);
}

public sealed class YubicoFirmware57TokenTests(VirtualReader reader) : YubicoTokenTests(reader, FirmwareProfile.Firmware57);

public sealed class YubicoFirmware52TokenTests(VirtualReader reader) : YubicoTokenTests(reader, FirmwareProfile.Firmware52);

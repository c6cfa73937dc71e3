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

    [Fact]
    public async Task Driver_lists_the_token_by_its_reader()
    {
        TokenInfo info = Assert.Single(await new YubicoTokenDriver().ListAsync(Cancel));
        Assert.Null(info.Problem);
        Assert.Equal((VirtualReader.Name, Serial, Profile.Version), (info.Reader, info.Serial, info.Firmware));
    }

    [Fact]
    public async Task Card_reset_by_another_program_is_shared_again_after_the_next_operation()
    {
        // The SDK takes a reset card up again for itself alone, and would keep it so.
        await using IToken token = await OpenTokenAsync(null, null);
        await ResetByAnotherAsync();
        Assert.False((await token.GetPinStateAsync(Cancel)).IsVerified);
        await using (await HoldByAnotherAsync())
            Assert.Equal(Serial, token.Info.Serial);
        Assert.Equal(3, (await token.GetPinStateAsync(Cancel)).RetriesLeft);
    }

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

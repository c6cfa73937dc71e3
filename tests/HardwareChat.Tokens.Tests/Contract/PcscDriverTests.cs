using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;
using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>What only a real PC/SC service shows.</summary>
[Collection(WithVirtualReader.Name)]
public sealed class PcscDriverTests(VirtualReader reader) : IAsyncLifetime
{
    private ForeignCard? _card;

    public async ValueTask InitializeAsync()
    {
        reader.Require();
        _card = await ForeignCard.InsertAsync(reader, FirmwareProfile.Firmware57, new AutomaticTouch());
    }

    public async ValueTask DisposeAsync()
    {
        if (_card is not null)
            await _card.DisposeAsync();
    }

    [Fact]
    public async Task Driver_lists_the_token_and_opens_it()
    {
        var driver = new PcscTokenDriver();
        TokenInfo info = Assert.Single(await driver.ListAsync(TestContext.Current.CancellationToken));
        Assert.Null(info.Problem);
        Assert.Equal(12345678u, info.Serial);
        Assert.Equal("5.7.4", info.Firmware.ToString());
        await using IToken token = await driver.OpenAsync(info, TestContext.Current.CancellationToken);
        Assert.Equal(3, (await token.GetPinStateAsync(TestContext.Current.CancellationToken)).RetriesLeft);
    }

    [Fact]
    public void Channel_knows_the_answer_to_reset_and_a_reader_without_card_is_named()
    {
        using ICardChannel channel = Connect();
        Assert.Equal("3BFD1300008131FE158073C021C057597562694B657940", Convert.ToHexString(channel.Atr.Span));
        CardChannelException error = Assert.Throws<CardChannelException>(() => PcscContext.Open(VirtualReader.Name[..^2] + "01"));
        Assert.Equal(CardFault.NoCard, error.Fault);
    }

    [Fact]
    public async Task Card_pulled_out_and_put_back_is_seen_by_the_watcher_and_the_open_channel_says_removed()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using IAsyncEnumerator<TokenArrival> news = new PcscTokenDriver().WatchAsync(patience.Token).GetAsyncEnumerator(patience.Token);
        Assert.True(await news.MoveNextAsync());
        Assert.Equal([VirtualReader.Name], news.Current.Readers);
        using ICardChannel channel = Connect();
        await _card!.DisposeAsync();
        _card = null;
        while (news.Current.Readers.Count != 0)
            Assert.True(await news.MoveNextAsync());
        CardChannelException error = Assert.Throws<CardChannelException>(() => channel.BeginTransaction());
        Assert.Contains(error.Fault, new[] { CardFault.Removed, CardFault.Reset });
        _card = await ForeignCard.InsertAsync(reader, FirmwareProfile.Firmware57, new AutomaticTouch());
        while (news.Current.Readers.Count == 0)
            Assert.True(await news.MoveNextAsync());
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await news.MoveNextAsync());
    }

    private static ICardChannel Connect() => PcscContext.Open(VirtualReader.Name);
}

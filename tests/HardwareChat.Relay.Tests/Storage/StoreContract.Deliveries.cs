using System.Collections.Concurrent;
using System.Globalization;
using HardwareChat.Protocol;

namespace HardwareChat.Relay.Tests.Storage;

/// <content>Welcomes and key packages.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task A_welcome_waits_for_each_of_its_users_until_dropped()
    {
        RoomLog log = await FoundAsync();
        for (int i = 0; i < 3; i++)
            await Store.AppendAsync(log.Room, [log.Next($"commit {i}", EntryKind.Handshake) with { Welcome = Bytes($"welcome {i}"), WelcomeFor = [Bob, Carol] }], Cancel);
        Assert.Equal(["welcome 0", "welcome 1"], (await Store.ReadWelcomesAsync(Bob, 2, Cancel)).Select(static welcome => Text(welcome.Welcome)));
        await Store.DropWelcomeAsync(Bob, log.Room, 1, Cancel);
        await Store.DropWelcomeAsync(Bob, log.Room, 99, Cancel);
        await Store.DropWelcomeAsync(Alice, log.Room, 0, Cancel);
        Assert.Equal([0UL, 2UL], (await Store.ReadWelcomesAsync(Bob, 10, Cancel)).Select(static welcome => welcome.Sequence));
        Assert.Equal([0UL, 1UL, 2UL], (await Store.ReadWelcomesAsync(Carol, 10, Cancel)).Select(static welcome => welcome.Sequence));
        Assert.All(await Store.ReadWelcomesAsync(Carol, 10, Cancel), welcome => Assert.Equal(log.Room, welcome.Room));
    }

    [Fact]
    public async Task Old_welcomes_expire()
    {
        RoomLog log = await FoundAsync();
        foreach (ulong time in (ulong[])[1000, 2000, 3000])
            await Store.AppendAsync(log.Room, [log.Next("commit", EntryKind.Handshake, time) with { Welcome = Bytes("w"), WelcomeFor = [Bob] }], Cancel);
        Assert.Equal(2, await Store.ExpireWelcomesAsync(3000, Cancel));
        Assert.Equal(2UL, Assert.Single(await Store.ReadWelcomesAsync(Bob, 10, Cancel)).Sequence);
        Assert.Equal(0, await Store.ExpireWelcomesAsync(3000, Cancel));
    }

    [Fact]
    public async Task Key_packages_are_given_in_order_and_the_last_resort_stays()
    {
        TokenId token = Token("bob's");
        Assert.Null(await Store.TakeKeyPackageAsync(token, Cancel));
        Assert.Equal(new KeyPackageCount(0, false), await Store.CountKeyPackagesAsync(token, Cancel));
        Assert.True(await Store.PublishKeyPackagesAsync(token, new PublishKeyPackages(false, [Bytes("a"), Bytes("b")], Bytes("last")), 3, Cancel));
        Assert.False(await Store.PublishKeyPackagesAsync(token, new PublishKeyPackages(false, [Bytes("c"), Bytes("d")], Bytes("other")), 3, Cancel));
        Assert.Equal(new KeyPackageCount(2, true), await Store.CountKeyPackagesAsync(token, Cancel));
        Assert.Equal("a", Text(await Store.TakeKeyPackageAsync(token, Cancel)));
        Assert.True(await Store.PublishKeyPackagesAsync(token, new PublishKeyPackages(false, [Bytes("c"), Bytes("d")], null), 3, Cancel));
        foreach (string expected in (string[])["b", "c", "d", "last", "last"])
            Assert.Equal(expected, Text(await Store.TakeKeyPackageAsync(token, Cancel)));
        Assert.Null(await Store.TakeKeyPackageAsync(Token("carol's"), Cancel));
    }

    [Fact]
    public async Task A_replaced_stock_is_gone_and_a_forgotten_token_has_none()
    {
        TokenId token = Token("bob's");
        await Store.PublishKeyPackagesAsync(token, new PublishKeyPackages(false, [Bytes("a"), Bytes("b")], Bytes("last")), 3, Cancel);
        Assert.False(await Store.PublishKeyPackagesAsync(token, new PublishKeyPackages(true, [Bytes("1"), Bytes("2"), Bytes("3"), Bytes("4")], null), 3, Cancel));
        Assert.True(await Store.PublishKeyPackagesAsync(token, new PublishKeyPackages(true, [Bytes("c")], Bytes("newer")), 3, Cancel));
        Assert.Equal("c", Text(await Store.TakeKeyPackageAsync(token, Cancel)));
        Assert.Equal("newer", Text(await Store.TakeKeyPackageAsync(token, Cancel)));
        await Store.ForgetKeyPackagesAsync(token, Cancel);
        Assert.Null(await Store.TakeKeyPackageAsync(token, Cancel));
    }

    [Fact]
    public async Task No_key_package_is_given_twice_however_many_ask()
    {
        TokenId token = Token("bob's");
        ReadOnlyMemory<byte>[] stock = [.. Enumerable.Range(0, 60).Select(static i => Bytes(i.ToString(CultureInfo.InvariantCulture)))];
        await Store.PublishKeyPackagesAsync(token, new PublishKeyPackages(false, stock, Bytes("last")), 100, Cancel);
        var given = new ConcurrentBag<string>();
        await Parallel.ForAsync(0, 90, Cancel, async (_, cancel) => given.Add(Text(await Store.TakeKeyPackageAsync(token, cancel))));
        Assert.Equal(30, given.Count(static package => package == "last"));
        Assert.Equal(stock.Select(static package => Text(package)).Order(StringComparer.Ordinal), given.Where(static package => package != "last").Order(StringComparer.Ordinal));
    }
}

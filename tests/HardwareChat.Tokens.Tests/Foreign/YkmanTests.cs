using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tokens.Tests.Foreign;

/// <summary>The card, judged by YubiKey Manager.</summary>
[Collection(WithVirtualReader.Name)]
public sealed class YkmanTests(VirtualReader reader)
{
    private const string ManagementKey = "010203040506070801020304050607080102030405060708";

    [Theory]
    [InlineData("5.2")]
    [InlineData("5.4")]
    [InlineData("5.7")]
    public async Task List_and_info_take_the_card_for_a_YubiKey(string firmware)
    {
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Named(firmware));

        string list = await ForeignTool.RunAsync("ykman", "list");
        string info = await RunAsync("info");
        string piv = await RunAsync("piv", "info");

        Assert.Contains("12345678", list, StringComparison.Ordinal);
        Assert.Contains("Serial number: 12345678", info, StringComparison.Ordinal);
        Assert.Contains($"Firmware version: {card.Card.Profile.Version}", info, StringComparison.Ordinal);
        Assert.Contains($"PIV version: {card.Card.Profile.Version}", piv, StringComparison.Ordinal);
        Assert.Contains("PIN tries remaining: 3", piv, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5.2", "ECCP256")]
    [InlineData("5.4", "ECCP384")]
    [InlineData("5.7", "ECCP256")]
    public async Task Key_is_generated_certified_attested_and_shown(string firmware, string algorithm)
    {
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Named(firmware));
        string key = card.PathOf("key.pem"), certificate = card.PathOf("cert.pem"), request = card.PathOf("request.pem");
        string attestation = card.PathOf("attestation.pem"), issuer = card.PathOf("f9.pem");

        await RunAsync("piv", "keys", "generate", "-m", ManagementKey, "-a", algorithm, "--pin-policy", "ONCE", "--touch-policy", "CACHED", "9a", key);
        await RunAsync("piv", "certificates", "generate", "-m", ManagementKey, "-P", "123456", "-s", "CN=alice", "9a", key);
        await RunAsync("piv", "certificates", "request", "-P", "123456", "-s", "CN=alice", "9a", key, request);
        await RunAsync("piv", "certificates", "export", "9a", certificate);
        await RunAsync("piv", "keys", "attest", "9a", attestation);
        await RunAsync("piv", "certificates", "export", "f9", issuer);
        string info = await RunAsync("piv", "info");

        Assert.Contains("CN=alice", info, StringComparison.Ordinal);
        await ForeignTool.RunAsync("openssl", "verify", "-CAfile", certificate, certificate);
        await ForeignTool.RunAsync("openssl", "req", "-in", request, "-verify", "-noout");
        await ForeignTool.RunAsync("openssl", "verify", "-CAfile", card.Root, "-untrusted", issuer, attestation);
    }

    [Fact]
    public async Task Pins_management_key_and_retries_are_changed_and_the_card_is_reset()
    {
        const string Key = "000102030405060708090a0b0c0d0e0f1011121314151617";
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54);

        await RunAsync("piv", "access", "change-pin", "-P", "123456", "-n", "654321");
        await RunAsync("piv", "access", "change-puk", "-p", "12345678", "-n", "87654321");
        await RunAsync("piv", "access", "unblock-pin", "-p", "87654321", "-n", "123456");
        await RunAsync("piv", "access", "change-management-key", "-m", ManagementKey, "-n", Key, "-a", "AES192");
        await ForeignTool.RefuseAsync("ykman", "--reader", VirtualReader.Name, "piv", "access", "set-retries", "-m", ManagementKey, "-P", "123456", "-f", "6", "7");
        await RunAsync("piv", "access", "set-retries", "-m", Key, "-P", "123456", "-f", "6", "7");
        Assert.Contains("PIN tries remaining: 6", await RunAsync("piv", "info"), StringComparison.Ordinal);
        await RunAsync("piv", "reset", "-f");

        string info = await RunAsync("piv", "info");
        Assert.Contains("PIN tries remaining: 3", info, StringComparison.Ordinal);
        Assert.Contains("TDES", info, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Protected_management_key_opens_with_the_pin()
    {
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54);
        string key = card.PathOf("key.pem");

        await RunAsync("piv", "access", "change-management-key", "-m", ManagementKey, "--generate", "--protect", "-P", "123456", "-f");
        await RunAsync("piv", "keys", "generate", "-P", "123456", "-a", "ECCP256", "9a", key);

        Assert.Contains("BEGIN PUBLIC KEY", await File.ReadAllTextAsync(key, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static Task<string> RunAsync(params string[] arguments) => ForeignTool.RunAsync("ykman", ["--reader", VirtualReader.Name, .. arguments]);

    private async Task<ForeignCard> InsertAsync(FirmwareProfile profile)
    {
        reader.Require("ykman", "openssl");
        return await ForeignCard.InsertAsync(reader, profile);
    }
}

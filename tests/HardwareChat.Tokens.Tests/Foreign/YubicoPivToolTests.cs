using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Tests.Foreign;

/// <summary>The card, judged by Yubico's command-line tool.</summary>
[Collection(WithVirtualReader.Name)]
public sealed class YubicoPivToolTests(VirtualReader reader)
{
    private const string Tool = "yubico-piv-tool";
    private const string ManagementKey = "010203040506070801020304050607080102030405060708";

    [Fact]
    public async Task Status_tells_version_serial_and_empty_slots()
    {
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54);

        string status = await RunAsync("-a", "status");

        Assert.Contains("Version:\t5.4.3", status, StringComparison.Ordinal);
        Assert.Contains("Serial Number:\t12345678", status, StringComparison.Ordinal);
        Assert.Contains("PIN tries left:\t3", status, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4.3", "ECCP256", "256")]
    [InlineData("5.2", "ECCP384", "384")]
    [InlineData("5.4", "RSA2048", "256")]
    [InlineData("5.4", "ECCP256", "256")]
    public async Task Generated_key_signs_holds_its_certificate_and_is_attested(string firmware, string algorithm, string hash)
    {
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Named(firmware));
        string key = card.PathOf("key.pem"), certificate = card.PathOf("cert.pem"), read = card.PathOf("read.pem");
        string attestation = card.PathOf("attestation.pem"), issuer = card.PathOf("f9.pem");

        await RunAsync(
            "-a", "generate", "-s", "9a", "-A", algorithm, "--pin-policy=once", "--touch-policy=always", "-o", key, "-k" + ManagementKey);
        await SignAndVerifyAsync(card, "9a", algorithm, hash, key);
        await ForeignCard.CertifyAsync(key, certificate);
        await RunAsync("-a", "import-certificate", "-s", "9a", "-i", certificate, "-k" + ManagementKey);
        await RunAsync("-a", "read-certificate", "-s", "9a", "-o", read);
        await RunAsync("-a", "verify-pin", "-P", "123456", "-a", "test-signature", "-s", "9a", "-i", certificate);
        await RunAsync("-a", "attest", "-s", "9a", "-o", attestation);
        await RunAsync("-a", "read-certificate", "-s", "f9", "-o", issuer);

        await ForeignTool.RunAsync("openssl", "verify", "-CAfile", card.Root, "-untrusted", issuer, attestation);
        Assert.Equal(await KeyOfAsync(certificate), await KeyOfAsync(attestation));
        Assert.Equal(await KeyOfAsync(certificate), await KeyOfAsync(read));
        string text = await ForeignTool.RunAsync("openssl", "x509", "-in", attestation, "-noout", "-text");
        Assert.Contains("HardwareChat Simulated", text, StringComparison.Ordinal);
        Assert.Contains("1.3.6.1.4.1.41482.3.8", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signature_of_a_file_verifies_with_openssl()
    {
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54);
        string key = card.PathOf("key.pem"), file = card.PathOf("file"), signature = card.PathOf("signature");
        await File.WriteAllTextAsync(file, "hello", TestContext.Current.CancellationToken);
        await RunAsync("-a", "generate", "-s", "9c", "-A", "ECCP256", "-o", key, "-k" + ManagementKey);

        await RunAsync("-a", "verify-pin", "-P", "123456", "--sign", "-s", "9c", "-A", "ECCP256", "-H", "SHA256", "-i", file, "-o", signature);

        await ForeignTool.RunAsync("openssl", "dgst", "-sha256", "-verify", key, "-signature", signature, file);
        await File.WriteAllTextAsync(file, "hallo", TestContext.Current.CancellationToken);
        await ForeignTool.RefuseAsync("openssl", "dgst", "-sha256", "-verify", key, "-signature", signature, file);
    }

    [Fact]
    public async Task Key_agreement_gives_both_sides_the_same_secret()
    {
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54);
        string key = card.PathOf("key.pem"), certificate = card.PathOf("cert.pem");
        await RunAsync("-a", "generate", "-s", "9d", "-A", "ECCP256", "-o", key, "-k" + ManagementKey);
        await ForeignCard.CertifyAsync(key, certificate);

        string told = await RunAsync("-a", "verify-pin", "-P", "123456", "-a", "test-decipher", "-s", "9d", "-i", certificate);

        Assert.Contains("Successfully performed ECDH exchange", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Imported_key_signs_but_is_not_attested()
    {
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54);
        await ImportSignAndRefuseToAttestAsync(card, "ECCP384", "384", "EC", "-pkeyopt", "ec_paramgen_curve:P-384");
        await ImportSignAndRefuseToAttestAsync(card, "RSA2048", "256", "RSA", "-pkeyopt", "rsa_keygen_bits:2048");
    }

    [Fact]
    public async Task Pin_and_puk_are_changed_blocked_and_unblocked_and_an_unusable_card_is_reset()
    {
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54);

        await RunAsync("-a", "change-pin", "-P", "123456", "-N", "654321");
        await RefuseAsync("-a", "verify-pin", "-P", "123456");
        await RunAsync("-a", "verify-pin", "-P", "654321");
        await RunAsync("-a", "change-puk", "-P", "12345678", "-N", "87654321");
        for (int wrong = 0; wrong < 3; wrong++)
            await RefuseAsync("-a", "verify-pin", "-P", "111111");
        Assert.Contains("blocked", await RefuseAsync("-a", "verify-pin", "-P", "654321"), StringComparison.OrdinalIgnoreCase);
        await RunAsync("-a", "unblock-pin", "-P", "87654321", "-N", "123456");
        await RunAsync("-a", "verify-pin", "-P", "123456");

        await RefuseAsync("-a", "reset");
        for (int wrong = 0; wrong < 3; wrong++)
        {
            await RefuseAsync("-a", "verify-pin", "-P", "111111");
            await RefuseAsync("-a", "unblock-pin", "-P", "11111111", "-N", "123456");
        }
        await RunAsync("-a", "reset");
        await RunAsync("-a", "verify-pin", "-P", "123456");
    }

    [Fact]
    public async Task Management_key_retries_and_identity_objects_are_set()
    {
        const string Key = "0807060504030201a8a7a6a5a4a3a2a1b8b7b6b5b4b3b2b1";
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54);

        await RunAsync("-a", "set-mgm-key", "-n", Key, "-k" + ManagementKey);
        await RefuseAsync("-a", "set-chuid", "-k" + ManagementKey);
        await RunAsync("-a", "set-chuid", "-k" + Key);
        await RunAsync("-a", "set-ccc", "-k" + Key);
        await RunAsync("-a", "verify-pin", "-P", "123456", "-a", "pin-retries", "--pin-retries=5", "--puk-retries=4", "-k" + Key);

        string status = await RunAsync("-a", "status");
        Assert.Contains("PIN tries left:\t5", status, StringComparison.Ordinal);
        Assert.DoesNotContain("No data available", status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signature_waits_for_the_touch()
    {
        var button = new TouchButton();
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54, button);
        string key = card.PathOf("key.pem");
        await RunAsync("-a", "generate", "-s", "9a", "-A", "ECCP256", "--touch-policy=always", "-o", key, "-k" + ManagementKey);
        int touches = 0;
        button.Wanted += slot =>
        {
            Assert.Equal(0x9A, slot);
            touches++;
            button.Press();
        };

        await SignAndVerifyAsync(card, "9a", "ECCP256", "256", key);

        Assert.Equal(1, touches);
    }

    /// <remarks>
    /// Version 2.2 cannot with OpenSSL 3: wrap_public_key changes a copy of the key, and signs with one that has no private half; 2.3 and later can.
    /// Such a version fails before it has asked the card to sign, which would want a touch; any other failure is the card's.
    /// </remarks>
    [Theory]
    [InlineData("selfsign-certificate", "RSA2048")]
    [InlineData("selfsign-certificate", "ECCP256")]
    [InlineData("request-certificate", "RSA2048")]
    [InlineData("request-certificate", "ECCP384")]
    public async Task Certificate_made_by_the_tool_verifies_or_the_card_was_never_asked(string action, string algorithm)
    {
        var button = new TouchButton();
        int touches = 0;
        button.Wanted += _ =>
        {
            touches++;
            button.Press();
        };
        await using ForeignCard card = await InsertAsync(FirmwareProfile.Firmware54, button);
        string key = card.PathOf("key.pem"), made = card.PathOf("made.pem");
        await RunAsync("-a", "generate", "-s", "9a", "-A", algorithm, "--touch-policy=always", "-o", key, "-k" + ManagementKey);

        (int code, string text) = await ForeignTool.TryAsync(
            Tool, ["-a", "verify-pin", "-P", "123456", "-a", action, "-s", "9a", "-S", "/CN=alice/", "-i", key, "-o", made]);

        Assert.Contains("Successfully verified PIN", text, StringComparison.Ordinal);
        if (code != 0)
        {
            Assert.Equal(0, touches);
            Assert.Contains("Failed signing", text, StringComparison.Ordinal);
            return;
        }
        Assert.Equal(1, touches);
        string[] check = action == "selfsign-certificate" ? ["verify", "-CAfile", made, made] : ["req", "-in", made, "-verify", "-noout"];
        await ForeignTool.RunAsync("openssl", check);
    }

    private static async Task SignAndVerifyAsync(ForeignCard card, string slot, string algorithm, string hash, string key)
    {
        string file = card.PathOf("file"), signature = card.PathOf("signature");
        await File.WriteAllTextAsync(file, "hello", TestContext.Current.CancellationToken);
        await RunAsync(
            "-a", "verify-pin", "-P", "123456", "--sign", "-s", slot, "-A", algorithm, "-H", "SHA" + hash, "-i", file, "-o", signature);
        await ForeignTool.RunAsync("openssl", "dgst", "-sha" + hash, "-verify", key, "-signature", signature, file);
    }

    private static async Task ImportSignAndRefuseToAttestAsync(ForeignCard card, string algorithm, string hash, params string[] kind)
    {
        string key = card.PathOf("private.pem"), open = card.PathOf("public.pem");
        await ForeignTool.RunAsync("openssl", ["genpkey", "-algorithm", .. kind, "-out", key]);
        await ForeignTool.RunAsync("openssl", "pkey", "-in", key, "-pubout", "-out", open);
        await RunAsync("-a", "import-key", "-s", "9a", "-i", key, "-k" + ManagementKey);
        await SignAndVerifyAsync(card, "9a", algorithm, hash, open);
        await RefuseAsync("-a", "attest", "-s", "9a");
    }

    private static Task<string> RunAsync(params string[] arguments) => ForeignTool.RunAsync(Tool, arguments);

    private static Task<string> RefuseAsync(params string[] arguments) => ForeignTool.RefuseAsync(Tool, arguments);

    private static Task<string> KeyOfAsync(string certificate) => ForeignTool.RunAsync("openssl", "x509", "-in", certificate, "-noout", "-pubkey");

    private async Task<ForeignCard> InsertAsync(FirmwareProfile profile, ITouchSource? touch = null)
    {
        reader.Require(Tool, "openssl");
        return await ForeignCard.InsertAsync(reader, profile, touch);
    }
}

using System.Security.Cryptography;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Tests.Simulator;

/// <summary>The simulated card, by the bytes of its commands and responses.</summary>
public sealed class SimulatedCardTests
{
    [Theory]
    [InlineData("4.3", "0403079000", "6D00", "6D00", "6D00")]
    [InlineData("5.2", "0502079000", "0074CBB19000", "6D00", "6D00")]
    [InlineData("5.4", "0504039000", "0074CBB19000", "0101FF05010106020303", "6D00")]
    [InlineData("5.7", "0507049000", "0074CBB19000", "0101FF05010106020303", "6982")]
    public void Firmware_decides_what_the_card_can_do(string profile, string version, string serial, string metadata, string move)
    {
        using var card = new CardUnderTest(FirmwareProfile.Named(profile));

        Assert.Equal(version, card.Send("00FD000000"));
        Assert.Equal(serial, card.Send("00F8000000"));
        Assert.StartsWith(metadata, card.Send("00F7008000"), StringComparison.Ordinal);
        Assert.Equal(move, card.Send("00F6FF9A00"));
        card.AuthenticateManagement();
        string ed25519 = card.Send("0047009A05AC038001E000");
        Assert.Equal(profile == "5.7", ed25519.StartsWith("7F49228620", StringComparison.Ordinal));
    }

    [Fact]
    public void Wrong_pin_costs_a_try_until_pin_and_then_puk_are_blocked_and_only_then_the_card_resets()
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);

        Assert.Equal("63C3", card.Send("00200080"));
        Assert.Equal("63C2", card.Send(CardUnderTest.WrongPin));
        Assert.Equal("9000", card.Send(CardUnderTest.VerifyPin));
        Assert.Equal("9000", card.Send("00200080"));
        Assert.Equal("63C2", card.Send(CardUnderTest.WrongPin));
        Assert.Equal("63C2", card.Send("00200080"));
        Assert.Equal("63C1", card.Send(CardUnderTest.WrongPin));
        Assert.Equal("6983", card.Send(CardUnderTest.WrongPin));
        Assert.Equal("6983", card.Send(CardUnderTest.VerifyPin));
        Assert.Equal("6985", card.Send("00FB0000"));
        foreach (string left in new[] { "63C2", "63C1", "6983" })
            Assert.Equal(left, card.Send("002C0080103939393939393939313233343536FFFF"));
        Assert.Equal("9000", card.Send("00FB0000"));
        Assert.Equal("9000", card.Send(CardUnderTest.VerifyPin));
    }

    [Fact]
    public void Selecting_the_application_again_keeps_the_pin_state_and_selecting_another_one_loses_it()
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);
        card.Send(CardUnderTest.VerifyPin);

        card.Send(CardUnderTest.SelectPiv);
        Assert.Equal("9000", card.Send("00200080"));
        Assert.EndsWith("9000", card.Send("00A4040008A000000527471117"), StringComparison.Ordinal);
        card.Send(CardUnderTest.SelectPiv);
        Assert.Equal("63C3", card.Send("00200080"));
    }

    [Fact]
    public void Pin_policies_never_once_and_always_are_enforced()
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);
        card.AuthenticateManagement();
        foreach ((string slot, string policy) in new[] { ("9A", "01"), ("9C", "02"), ("9D", "03") })
            Assert.StartsWith("7F49", card.Send($"004700{slot}08AC06800111AA01{policy}00"), StringComparison.Ordinal);

        Assert.EndsWith("9000", Sign(card, "9A"), StringComparison.Ordinal);
        Assert.Equal("6982", Sign(card, "9C"));
        Assert.Equal("6982", Sign(card, "9D"));
        card.Send(CardUnderTest.VerifyPin);
        Assert.EndsWith("9000", Sign(card, "9D"), StringComparison.Ordinal);
        Assert.Equal("6982", Sign(card, "9D"));
        Assert.EndsWith("9000", Sign(card, "9C"), StringComparison.Ordinal);
        Assert.EndsWith("9000", Sign(card, "9C"), StringComparison.Ordinal);
    }

    [Fact]
    public void Cached_touch_serves_fifteen_seconds_and_an_always_key_wants_one_each_time()
    {
        var clock = new ManualClock();
        var button = new TouchButton();
        int touches = 0;
        button.Wanted += _ =>
        {
            touches++;
            button.Press();
        };
        using var card = new CardUnderTest(FirmwareProfile.Firmware57, button, clock);
        card.AuthenticateManagement();
        card.Send("0047009A0BAC09800111AA0101AB010300");
        card.Send("0047009C0BAC09800111AA0101AB010200");

        Sign(card, "9A");
        clock.Advance(TimeSpan.FromSeconds(14));
        Sign(card, "9A");
        Assert.Equal(1, touches);
        clock.Advance(TimeSpan.FromSeconds(2));
        Sign(card, "9A");
        Assert.Equal(2, touches);
        Sign(card, "9C");
        Sign(card, "9C");
        Assert.Equal(4, touches);
    }

    [Fact]
    public void Touch_that_does_not_come_ends_in_6982()
    {
        var clock = new ManualClock();
        var button = new TouchButton();
        button.Wanted += _ => clock.Advance(TimeSpan.FromSeconds(16));
        using var card = new CardUnderTest(FirmwareProfile.Firmware57, button, clock);
        card.AuthenticateManagement();
        card.Send("0047009A0BAC09800111AA0101AB010200");

        Assert.Equal("6982", Sign(card, "9A"));
        Assert.False(button.Press());
    }

    [Fact]
    public void Long_ed25519_message_arrives_by_chaining_or_extended_and_one_too_long_is_refused()
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);
        card.AuthenticateManagement();
        string generated = card.Send("0047009E05AC038001E000");
        byte[] point = Convert.FromHexString(generated)[5..^2];
        byte[] message = RandomNumberGenerator.GetBytes(700);
        byte[] template = new BerTlvWriter().Write(0x7C, inside => inside.Write(0x82, []).Write(0x81, message)).ToArray();

        string whole = card.Send(0x87, 0xE0, 0x9E, template);
        string chained = Chain(card, template, "87E09E");

        Assert.Equal(whole, chained);
        byte[] signature = Convert.FromHexString(whole)[4..^2];
        var algorithm = NSec.Cryptography.SignatureAlgorithm.Ed25519;
        var key = NSec.Cryptography.PublicKey.Import(algorithm, point, NSec.Cryptography.KeyBlobFormat.RawPublicKey);
        Assert.True(algorithm.Verify(key, message, signature));
        Assert.Equal("6700", card.Send(0x87, 0xE0, 0x9E, new byte[5000]));
        Assert.Equal("0507049000", card.Send("00FD000000"));
    }

    [Fact]
    public void Long_object_is_put_by_chaining_and_read_in_pieces_or_whole()
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);
        byte[] content = RandomNumberGenerator.GetBytes(1000);
        byte[] put = new BerTlvWriter().Write(0x5C, [0x5F, 0xC1, 0x05]).Write(0x53, content).ToArray();
        Assert.Equal("6982", card.Send(0xDB, 0x3F, 0xFF, put));
        card.AuthenticateManagement();
        Assert.Equal("9000", Chain(card, put, "DB3FFF"));

        string whole = card.Send(0xCB, 0x3F, 0xFF, [0x5C, 3, 0x5F, 0xC1, 0x05]);
        string pieces = card.Send("00CB3FFF055C035FC10500");
        while (pieces[^4..^2] == "61")
            pieces = pieces[..^4] + card.Send("00C00000" + pieces[^2..]);

        Assert.Equal(Convert.ToHexString(BerTlvWriter.Encode(0x53, content)) + "9000", whole);
        Assert.Equal(whole, pieces);
        Assert.Equal("6A84", card.Send(0xDB, 0x3F, 0xFF, new BerTlvWriter().Write(0x5C, [0x5F, 0xC1, 0x05]).Write(0x53, new byte[3053]).ToArray()));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("00A404")]
    [InlineData("00A4040009A000")]
    [InlineData("002000800000080000")]
    public void Lying_length_bytes_are_answered_6700(string command)
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);

        Assert.Equal("6700", card.Send(command));
    }

    [Fact]
    public void Any_bytes_end_in_a_status_word()
    {
        var random = new Random(20260101);
        foreach (string seed in FuzzCorpus.Commands)
        {
            SimulatedCard.Fuzz(Convert.FromHexString(seed));
            for (int round = 0; round < 40; round++)
            {
                byte[] mutated = Convert.FromHexString(seed);
                for (int change = 0; change <= round % 4; change++)
                    mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
                SimulatedCard.Fuzz(mutated);
            }
        }
    }

    private static string Sign(CardUnderTest card, string slot) =>
        card.Send($"008711{slot}267C2482008120" + new string('7', 64) + "00");

    private static string Chain(CardUnderTest card, byte[] data, string instruction)
    {
        int at = 0;
        for (; data.Length - at > 255; at += 255)
            Assert.Equal("9000", card.Send($"10{instruction}FF" + Convert.ToHexString(data, at, 255)));
        return card.Send($"00{instruction}{data.Length - at:X2}" + Convert.ToHexString(data, at, data.Length - at) + "00");
    }
}

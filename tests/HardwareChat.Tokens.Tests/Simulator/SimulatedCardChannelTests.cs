using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tokens.Tests.Simulator;

/// <summary>The channel in process: what goes wrong is reported as PC/SC reports it.</summary>
public sealed class SimulatedCardChannelTests
{
    private static readonly byte[] GetVersion = [0, 0xFD, 0, 0, 0];

    [Fact]
    public void Removed_card_is_gone_until_it_is_inserted_and_reconnected()
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);
        using var channel = new SimulatedCardChannel(card.Card);
        card.Card.Faults.RemoveAt(card.Card.Faults.Next);

        Assert.Equal(CardFault.Removed, FaultOf(channel));
        Assert.Equal(CardFault.Removed, FaultOf(channel));
        card.Card.Insert();
        Assert.Equal(CardFault.Reset, FaultOf(channel));
        channel.Reconnect();
        Assert.Equal("6D00", Transmit(channel));
    }

    [Fact]
    public void Reset_card_reports_it_once_and_has_forgotten_the_pin()
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);
        using var channel = new SimulatedCardChannel(card.Card);
        card.Send(CardUnderTest.VerifyPin);
        card.Card.Faults.ResetAt(card.Card.Faults.Next);

        Assert.Equal(CardFault.Reset, FaultOf(channel));
        channel.Reconnect();
        card.Send(CardUnderTest.SelectPiv);
        Assert.Equal("63C3", card.Send("00200080"));
    }

    [Fact]
    public void Transaction_keeps_other_channels_out()
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);
        using var first = new SimulatedCardChannel(card.Card);
        using var second = new SimulatedCardChannel(card.Card);
        using (first.BeginTransaction())
        {
            Assert.Equal(CardFault.Busy, FaultOf(second));
            Assert.Equal("0507049000", Transmit(first));
        }
        Assert.Equal("0507049000", Transmit(second));
    }

    [Fact]
    public void Scripted_answers_and_silence_take_the_place_of_the_command()
    {
        using var card = new CardUnderTest(FirmwareProfile.Firmware57);
        using var channel = new SimulatedCardChannel(card.Card);
        int next = card.Card.Faults.Next;
        card.Card.Faults.AnswerAt(next, [0x6C, 0x03]);
        card.Card.Faults.TimeOutAt(next + 1);
        card.Card.Faults.DelayAt(next + 2, TimeSpan.FromMilliseconds(1));

        Assert.Equal("6C03", Transmit(channel));
        Assert.Equal(CardFault.NotResponding, FaultOf(channel));
        Assert.Equal("0507049000", Transmit(channel));
    }

    private static string Transmit(SimulatedCardChannel channel)
    {
        byte[] response = new byte[300];
        return Convert.ToHexString(response, 0, channel.Transmit(GetVersion, response));
    }

    private static CardFault FaultOf(SimulatedCardChannel channel) =>
        Assert.Throws<CardChannelException>(() => Transmit(channel)).Fault;
}

using System.Net;

namespace HardwareChat.Protocol.Tests;

public sealed class HandshakeGateTests
{
    private static AddressBlock Address(int i) => new(false, (ulong)i);

    [Fact]
    public void A_bucket_gives_its_burst_and_then_its_rate()
    {
        TokenBucket bucket = TokenBucket.Full(3, 1000);
        for (int i = 0; i < 3; i++)
            Assert.True(bucket.TryTake(3, 2, 1000, out bucket));
        Assert.False(bucket.TryTake(3, 2, 1499, out bucket));
        Assert.True(bucket.TryTake(3, 2, 1500, out bucket));
        Assert.False(bucket.TryTake(3, 2, 100, out bucket));
        Assert.Equal(3, bucket.Refilled(3, 2, 1_000_000).Tokens);
    }

    [Fact]
    public void One_address_has_its_share_of_half_open_sockets_and_gets_it_back()
    {
        var gate = new HandshakeGate(0);
        for (int i = 0; i < ProtocolLimits.HalfOpenPerAddress; i++)
            Assert.True(gate.TryEnter(Address(1), 0));
        Assert.False(gate.TryEnter(Address(1), 0));
        gate.Leave(Address(1));
        Assert.True(gate.TryEnter(Address(1), 0));
    }

    [Fact]
    public void All_addresses_together_have_theirs()
    {
        var gate = new HandshakeGate(0);
        for (int i = 0; i < ProtocolLimits.HalfOpen; i++)
            Assert.True(gate.TryEnter(Address(i), 0));
        Assert.False(gate.TryEnter(Address(-1 & 0xFFFF), 0));
        gate.Leave(Address(5));
        Assert.Equal(ProtocolLimits.HalfOpen - 1, gate.HalfOpen);
        Assert.True(gate.TryEnter(Address(0xFFFF), 60_000));
    }

    [Fact]
    public void Addresses_that_owe_nothing_are_forgotten_and_memory_is_bounded()
    {
        var gate = new HandshakeGate(0);
        ulong now = 0;
        for (int i = 0; i < 3 * ProtocolLimits.CountedAddresses; i++)
        {
            now += 10;
            if (gate.TryEnter(Address(i), now))
                gate.Leave(Address(i));
            Assert.True(gate.CountedAddresses <= ProtocolLimits.CountedAddresses);
        }
        Assert.Equal(0, gate.HalfOpen);
        Assert.True(gate.TryEnter(Address(1), now + 100_000));
    }

    [Fact]
    public void A_slash_64_is_one_address_and_a_mapped_address_is_what_it_maps()
    {
        Assert.Equal(AddressBlock.Of(IPAddress.Parse("2001:db8::1")), AddressBlock.Of(IPAddress.Parse("2001:db8::ffff:1")));
        Assert.NotEqual(AddressBlock.Of(IPAddress.Parse("2001:db8:0:1::1")), AddressBlock.Of(IPAddress.Parse("2001:db8::1")));
        Assert.Equal(AddressBlock.Of(IPAddress.Parse("192.0.2.1")), AddressBlock.Of(IPAddress.Parse("::ffff:192.0.2.1")));
    }
}

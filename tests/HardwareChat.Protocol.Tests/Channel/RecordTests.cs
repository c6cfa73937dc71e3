using System.Security.Cryptography;
using CsCheck;
using HardwareChat.Wire;

namespace HardwareChat.Protocol.Tests;

public sealed class RecordTests : IDisposable
{
    private readonly ChannelFixture _f = new();
    private readonly SecureChannel _client;
    private readonly SecureChannel _relay;
    private readonly byte[] _record = new byte[ProtocolLimits.RecordBytes];

    public RecordTests() => (_client, _relay) = _f.Connect();

    public void Dispose()
    {
        _client.Dispose();
        _relay.Dispose();
        _f.Dispose();
    }

    [Fact]
    public void Frames_of_any_sizes_arrive_as_they_were_sent()
        => Gen.Int[1, 70_000].Array[1, 12].Sample(
            sizes =>
            {
                byte[][] frames = [.. sizes.Select(static (size, i) => Enumerable.Repeat((byte)i, size).ToArray())];
                (SecureChannel client, SecureChannel relay) = _f.Connect();
                Assert.Equal(frames, Transfer(client, relay, frames));
            },
            iter: 60);

    [Fact]
    public void What_has_gathered_is_sealed_once()
    {
        FramesRecord building = _client.Sealer.BeginFrames(_record);
        for (int i = 0; i < 100; i++)
            Assert.True(building.TryAdd(new byte[300]));
        int length = building.Seal();
        Assert.Equal((100 * 302) + Record.Overhead, length);
        ReceivedFrames frames = _relay.Open(_record.AsSpan(0, length), ChannelFixture.Now);
        int count = 0;
        while (frames.TryNext(out ReadOnlySpan<byte> frame))
            count += frame.Length == 300 ? 1 : 0;
        Assert.Equal(100, count);
    }

    [Fact]
    public void A_record_takes_no_frame_for_which_it_has_no_room()
    {
        FramesRecord building = _client.Sealer.BeginFrames(_record);
        Assert.False(building.TryAdd(new byte[Record.MaxWholeFrame + 1]));
        Assert.False(building.TryAdd([]));
        Assert.True(building.TryAdd(new byte[Record.MaxWholeFrame]));
        Assert.False(building.TryAdd(new byte[1]));
        Assert.Equal(ProtocolLimits.RecordBytes, building.Seal());
    }

    [Fact]
    public void Keys_are_renewed_after_every_4096th_record_and_both_ends_agree()
    {
        for (int i = 0; i < 3 * 4096; i++)
            Assert.Single(Transfer(_client, _relay, [[1, 2, 3]]));
    }

    [Fact]
    public void Sealing_and_opening_small_frames_allocates_nothing()
    {
        var frame = new byte[300];
        void Once()
        {
            FramesRecord building = _client.Sealer.BeginFrames(_record);
            building.TryAdd(frame);
            ReceivedFrames frames = _relay.Open(_record.AsSpan(0, building.Seal()), ChannelFixture.Now);
            while (frames.TryNext(out _))
            {
            }
        }
        for (int i = 0; i < 50; i++)
            Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    [Breaks(ChannelRule.RecordSize)]
    public void A_record_of_65536_bytes_is_refused()
        => ChannelRuleTests.AssertBreaks(ChannelRule.RecordSize, () => _relay.Open(new byte[65536], ChannelFixture.Now));

    [Fact]
    [Breaks(ChannelRule.RecordDecrypts)]
    public void A_forged_record_ends_the_channel()
    {
        int length = Seal([1, 2, 3]);
        _record[length - 1] ^= 1;
        ChannelRuleTests.AssertBreaks(ChannelRule.RecordDecrypts, () => _relay.Open(_record.AsSpan(0, length), ChannelFixture.Now));
        Assert.Equal(ChannelState.Failed, _relay.State);
        Assert.Throws<ObjectDisposedException>(() => _relay.Open(_record.AsSpan(0, length), ChannelFixture.Now));
    }

    [Theory]
    [InlineData(new[] { 2 }, new[] { 10 })]
    [InlineData(new[] { 2 }, new[] { Record.MaxWholeFrame })]
    [InlineData(new[] { 1 }, new[] { 10 })]
    [InlineData(new[] { 1, 2 }, new[] { Record.MaxBody, 0 })]
    [InlineData(new[] { 1, 0 }, new[] { Record.MaxBody, 3 })]
    [Breaks(ChannelRule.PartsAreInOrder)]
    public void Parts_out_of_order_or_not_full_are_refused(int[] kinds, int[] sizes)
    {
        for (int i = 0; i < kinds.Length - 1; i++)
            _relay.Open(SealRaw((byte)kinds[i], sizes[i]), ChannelFixture.Now);
        ChannelRuleTests.AssertBreaks(ChannelRule.PartsAreInOrder, () => _relay.Open(SealRaw((byte)kinds[^1], sizes[^1]), ChannelFixture.Now));
    }

    [Theory]
    [InlineData(Record.MaxWholeFrame + 1, 1)]
    [InlineData(Record.MaxBody, 1)]
    [InlineData(Record.MaxBody + 1, 2)]
    [InlineData(2 * Record.MaxBody, 2)]
    [InlineData((2 * Record.MaxBody) + 1, 3)]
    public void Every_size_above_the_longest_whole_frame_arrives_in_parts(int size, int parts)
    {
        byte[] frame = RandomNumberGenerator.GetBytes(size);
        int sent = 0;
        for (int i = 0; i < parts; i++)
        {
            int length = _client.Sealer.SealPart(frame, ref sent, _record);
            ReceivedFrames received = _relay.Open(_record.AsSpan(0, length), ChannelFixture.Now);
            Assert.Equal(i == parts - 1, received.TryNext(out ReadOnlySpan<byte> whole));
            Assert.True(i < parts - 1 || whole.SequenceEqual(frame));
        }
        Assert.Equal(size, sent);
    }

    [Fact]
    [Breaks(ChannelRule.FrameSize)]
    public void A_frame_over_the_limit_is_refused_before_it_is_held()
    {
        int parts = 0;
        ChannelRuleTests.AssertBreaks(ChannelRule.FrameSize, () =>
        {
            while (true)
            {
                _relay.Open(SealRaw(1, Record.MaxBody), ChannelFixture.Now);
                Assert.True(_relay.Opener.HeldBytes <= ProtocolLimits.FrameBytes);
                parts++;
            }
        });
        Assert.Equal(ProtocolLimits.FrameBytes / Record.MaxBody, parts);
        Assert.Equal(0, _relay.Opener.HeldBytes);
    }

    [Fact]
    public void A_guest_may_send_only_what_an_enrolment_needs()
    {
        (SecureChannel client, SecureChannel relay) = _f.Connect(ClientAuth.Guest.Sign(_f.InviteKey, _f.RelayId, _f.ClientStatic));
        var frame = new byte[ProtocolLimits.GuestFrameBytes + 1];
        int sent = 0;
        var record = new byte[ProtocolLimits.RecordBytes];
        ChannelRuleTests.AssertBreaks(ChannelRule.FrameSize, () =>
        {
            while (sent < frame.Length)
                relay.Open(record.AsSpan(0, client.Sealer.SealPart(frame, ref sent, record)), ChannelFixture.Now);
        });
    }

    [Fact]
    [Breaks(ChannelRule.NothingFollowsClose)]
    public void Nothing_follows_a_close()
    {
        // The sealer itself refuses, so the second record is sealed around it.
        byte[] close = SealRaw(3, 1);
        byte[] after = SealRaw(0, 1);
        _relay.Open(close, ChannelFixture.Now);
        Assert.Equal(ChannelState.Closed, _relay.State);
        ChannelRuleTests.AssertBreaks(ChannelRule.NothingFollowsClose, () => _relay.Open(after, ChannelFixture.Now));
        Assert.Equal(ChannelState.Closed, _relay.State);
    }

    [Fact]
    [Breaks(ChannelRule.ChannelIsWithinItsLifetime)]
    public void A_channel_whose_time_is_over_opens_nothing()
    {
        byte[] first = SealRaw(0, 1);
        byte[] second = SealRaw(0, 1);
        _relay.Open(first, _relay.NotAfter);
        ChannelRuleTests.AssertBreaks(ChannelRule.ChannelIsWithinItsLifetime, () => _relay.Open(second, _relay.NotAfter + 1));
        Assert.Equal(ChannelState.Failed, _relay.State);
    }

    [Fact]
    public void A_socket_that_ends_without_close_is_a_loss_and_with_it_an_end()
    {
        _relay.SocketEnded();
        Assert.Equal(ChannelState.Lost, _relay.State);
        int length = _relay.Sealer.SealClose(CloseReason.Drain, _record);
        _client.Open(_record.AsSpan(0, length), ChannelFixture.Now);
        _client.SocketEnded();
        Assert.Equal(ChannelState.Closed, _client.State);
        Assert.Equal(CloseReason.Drain, _client.Opener.Closed);
        Assert.Throws<InvalidOperationException>(() => _relay.Sealer.SealClose(CloseReason.Done, _record));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(0, 0)]
    [InlineData(3, 2)]
    [InlineData(3, 0)]
    public void A_malformed_record_is_a_decode_failure_and_ends_the_channel(byte kind, int size)
    {
        Assert.Throws<DecodeException>(() => _relay.Open(SealRaw(kind, size), ChannelFixture.Now));
        Assert.Equal(ChannelState.Failed, _relay.State);
    }

    [Fact]
    public void A_malformed_frame_inside_a_record_ends_the_channel_after_those_before_it()
    {
        byte[] record = SealRaw([0, 1, 0xAA, 5, 0xBB]);
        Assert.Throws<DecodeException>(() =>
        {
            ReceivedFrames frames = _relay.Open(record, ChannelFixture.Now);
            Assert.True(frames.TryNext(out ReadOnlySpan<byte> first));
            Assert.Equal([0xAA], first.ToArray());
            frames.TryNext(out _);
        });
        Assert.Equal(ChannelState.Failed, _relay.State);
    }


    private int Seal(byte[] frame)
    {
        FramesRecord building = _client.Sealer.BeginFrames(_record);
        Assert.True(building.TryAdd(frame));
        return building.Seal();
    }

    private byte[] SealRaw(byte kind, int size)
    {
        var plaintext = new byte[1 + size];
        plaintext[0] = kind;
        return SealRaw(plaintext);
    }

    private byte[] SealRaw(byte[] plaintext)
    {
        var record = new byte[plaintext.Length + CipherState.TagSize];
        plaintext.CopyTo(record, 0);
        _client.Sealer.SealInPlace(record, plaintext.Length);
        return record;
    }

    private static List<byte[]> Transfer(SecureChannel client, SecureChannel relay, byte[][] frames)
    {
        var record = new byte[ProtocolLimits.RecordBytes];
        var received = new List<byte[]>();
        void Receive(int length)
        {
            ReceivedFrames opened = relay.Open(record.AsSpan(0, length), ChannelFixture.Now);
            while (opened.TryNext(out ReadOnlySpan<byte> frame))
                received.Add(frame.ToArray());
        }
        int next = 0;
        while (next < frames.Length)
        {
            if (frames[next].Length > Record.MaxWholeFrame)
            {
                int sent = 0;
                while (sent < frames[next].Length)
                    Receive(client.Sealer.SealPart(frames[next], ref sent, record));
                next++;
                continue;
            }
            FramesRecord building = client.Sealer.BeginFrames(record);
            while (next < frames.Length && building.TryAdd(frames[next]))
                next++;
            Receive(building.Seal());
        }
        return received;
    }
}

using CsCheck;

namespace HardwareChat.Protocol.Tests;

public sealed class LeafStateTests
{
    private static readonly RoomId Room = new(Digest.Of("room"u8));
    private readonly TestCommunity _community = new();
    private readonly TestToken _bob;

    public LeafStateTests() => _bob = _community.Enrol("bob");

    [Fact]
    public void A_leaf_is_active_until_not_after_dormant_until_linger_and_then_void()
    {
        Touch touch = Touch();
        ulong size = _community.State.Size;
        Assert.Equal(LeafState.Active, At(touch, new Stamp(touch.NotAfter, size), 100));
        Assert.Equal(LeafState.Dormant, At(touch, new Stamp(touch.NotAfter + 1, size), 100));
        Assert.Equal(LeafState.Dormant, At(touch, new Stamp(touch.NotAfter + 100, size), 100));
        Assert.Equal(LeafState.Void, At(touch, new Stamp(touch.NotAfter + 101, size), 100));
        Assert.Equal(LeafState.Void, At(touch, new Stamp(touch.NotAfter + 1, size), 0));
        Assert.Equal(LeafState.Void, At(touch, new Stamp(ulong.MaxValue, size), ulong.MaxValue - touch.NotAfter - 1));
    }

    [Fact]
    public void A_sign_out_counts_in_the_half_open_range_from_the_touchs_head_to_R()
    {
        Touch touch = Touch();
        ulong index = _community.State.Size;
        _community.Append(_community.Sign(new SignOut(_bob.Id), _bob.As9A));
        Assert.Equal(LeafState.Active, At(touch, new Stamp(touch.IssuedAt, index), 0));
        Assert.Equal(LeafState.Void, At(touch, new Stamp(touch.IssuedAt, index + 1), 0));
        Assert.Equal(LeafState.Active, At(Touch(), new Stamp(touch.IssuedAt, index + 1), 0));
    }

    [Fact]
    public void Attack_24_a_frozen_stamp_keeps_the_logs_verdict_but_not_the_readers_clock()
    {
        Touch touch = Touch();
        var frozen = new Stamp(touch.IssuedAt, _community.State.Size);
        _community.Append(_community.RevokeStatement(_bob, _community.Token("alice")));
        Assert.Equal(LeafState.Active, At(touch, frozen, 0));
        // The fence asks the same function with the reader's own clock and registry.
        Assert.Equal(LeafState.Void, At(touch, new Stamp(touch.IssuedAt, _community.State.Size), 0));
        Assert.Equal(LeafState.Void, At(touch, frozen with { Time = touch.NotAfter + 1 }, 0));
    }

    [Fact]
    public void A_leaf_never_comes_back_as_time_and_registry_go_on()
    {
        Touch touch = Touch();
        ulong before = _community.State.Size;
        _community.Append(_community.Sign(new SignOut(_bob.Id), _bob.As9A));
        _community.Append(_community.RevokeStatement(_bob, _community.Token("alice")));
        ulong span = touch.NotAfter - touch.IssuedAt;
        Gen.Select(Gen.ULong[0, 3 * span], Gen.ULong[0, 3 * span], Gen.ULong[before, before + 2], Gen.ULong[before, before + 2], Gen.ULong[0, 2 * span])
            .Sample((time, further, size, later, linger) =>
            {
                var first = new Stamp(touch.IssuedAt + time, Math.Min(size, later));
                var second = new Stamp(touch.IssuedAt + time + further, Math.Max(size, later));
                return At(touch, first, linger) <= At(touch, second, linger);
            });
    }

    [Fact]
    public void Attack_57_the_verdict_of_an_entry_asks_for_no_clock_of_the_reader()
    {
        // Two readers with clocks days apart call the same function with the same stamp: the parameters are all that it sees.
        Touch touch = Touch();
        Gen.Select(Gen.ULong[0, 1 << 20], Gen.ULong[0, 1 << 20]).Sample((time, linger) =>
        {
            var stamp = new Stamp(touch.IssuedAt + time, _community.State.Size);
            RegistryState other = Replay();
            return At(touch, stamp, linger) == LeafStates.At(touch, stamp, other, new RoomRules(Room, linger, RoomRemovals.None));
        }, iter: 20);
    }

    private RegistryState Replay()
        => _community.Leaves.Aggregate(RegistryState.Empty, (state, leaf) => RegistryMachine.Apply(state, leaf, _community.Judge).State!);

    private Touch Touch() => new TestSession().RoomGrant(_bob, _community.State, TestCommunity.Start + 1000, Room).Touch;

    private LeafState At(Touch touch, Stamp stamp, ulong linger)
        => LeafStates.At(touch, stamp, _community.State, new RoomRules(Room, linger, RoomRemovals.None));
}

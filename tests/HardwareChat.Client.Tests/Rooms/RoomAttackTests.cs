using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Tests;

/// <summary>Lines of the list of attacks that a room must stand by itself: hostile relay, hostile member, thief. Every honest reader ends alike.</summary>
public sealed class RoomAttackTests : IDisposable
{
    private readonly TestRoom _world = new();
    private readonly Device _bob;

    public RoomAttackTests() => _bob = _world.Join("bob");

    private Device Alice => _world.Alice;

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Attack_12_and_22_two_logs_are_exposed_by_the_next_message_that_crosses()
    {
        TestLog other = _world.Log.Fork();
        _bob.Shown = other;
        Alice.Say("in one log");
        byte[] crossing = Alice.Room.Encrypt(Alice.Session, "crossing"u8.ToArray(), Alice.Belief).Frame.Message.ToArray();
        _world.Time++;
        other.Force(EntryKind.Application, "noise"u8.ToArray(), _world.Now);
        other.Force(EntryKind.Application, crossing, _world.Now);
        var alarm = Assert.IsType<RoomEvent.Alarm>(_bob.Sync()[^1]);
        Assert.Equal(RoomRule.SeenRoom, alarm.Rule);
        Assert.Equal(Alice.Handle, alarm.Sender.Handle);
        Assert.DoesNotContain("crossing", _bob.Heard);
    }

    [Fact]
    public void Attack_12_another_registry_root_is_an_alarm_that_names_the_sender()
    {
        using var carol = RawMember.Join(_world, "carol");
        _world.Log.Force(EntryKind.Application, carol.Encrypt("other registry", carol.Seen with { RegistryRoot = default }), _world.Now);
        AssertAlarm(RoomRule.SeenRegistry, carol.Device);
    }

    [Fact]
    public void Attack_23_reordered_dropped_doubled_or_changed_entries_are_not_processed()
    {
        Alice.Say("one");
        Alice.Say("two");
        EntryPush first = _world.Log.Entries[^2];
        EntryPush second = _world.Log.Entries[^1];
        using Secret before = _bob.Room.Save();
        AssertBroken(RoomRule.Sequence, second);
        AssertBroken(RoomRule.Previous, first with { Entry = first.Entry with { Previous = default } });
        AssertBroken(RoomRule.MessageHash, first with { Message = second.Message });
        AssertBroken(RoomRule.TimeGoesBack, first with { Entry = first.Entry with { Stamp = first.Entry.Stamp with { Time = 1 } } });
        AssertBroken(RoomRule.RegistryGoesBack, first with { Entry = first.Entry with { Stamp = first.Entry.Stamp with { RegistrySize = 1 } } });
        using (Secret after = _bob.Room.Save())
            Assert.Equal(before, after);
        _bob.Next();
        AssertBroken(RoomRule.Sequence, first);
        _world.AssertAgree();
    }

    [Fact]
    public void Attack_24_stamp_with_an_old_registry_size_below_a_quoted_Seen_is_skipped_with_an_alarm()
    {
        ulong before = _world.Community.State.Size;
        _world.Community.Enrol("dave");
        byte[] message = Alice.Room.Encrypt(Alice.Session, "after dave"u8.ToArray(), Alice.Belief).Frame.Message.ToArray();
        _world.Log.Force(EntryKind.Application, message, new Stamp(_world.Time, before));
        Assert.Equal(RoomRule.SeenBeyondStamp, Assert.IsType<RoomEvent.Alarm>(_bob.Sync()[^1]).Rule);
        Assert.Equal(RoomRule.SeenBeyondStamp, Assert.IsType<RoomEvent.Alarm>(Alice.Sync()[^1]).Rule);
        _world.AssertAgree();
    }

    [Fact]
    public void Attack_25_entry_years_ahead_waits_and_removes_nobody()
    {
        byte[] message = Alice.Room.Encrypt(Alice.Session, "later"u8.ToArray(), Alice.Belief).Frame.Message.ToArray();
        _world.Log.Force(EntryKind.Application, message, new Stamp(_world.Time + 100_000_000, _world.Community.State.Size));
        RoomChain chain = _bob.Room.Chain;
        Assert.Equal(RoomRule.AheadOfClock, Assert.IsType<RoomEvent.Waits>(Assert.Single(_bob.Sync())).Rule);
        Assert.Equal(chain, _bob.Room.Chain);
        Assert.Null(_bob.Obstacle);
    }

    [Fact]
    public void Entry_beyond_the_replica_waits_for_the_registry()
    {
        _bob.Replica = _world.Community.State;
        _world.Community.Enrol("dave");
        Alice.Say("with dave");
        Assert.Equal(RoomRule.BeyondReplica, Assert.IsType<RoomEvent.Waits>(Assert.Single(_bob.Sync())).Rule);
        _bob.Replica = null;
        _bob.Sync();
        Assert.Equal("with dave", _bob.Heard[^1]);
    }

    [Fact]
    public void Attack_30_replayed_message_commit_and_entry_are_skipped()
    {
        Alice.Say("once");
        _world.SyncAll();
        ReadOnlyMemory<byte> message = _world.Log.Entries[^1].Message!.Value;
        Alice.Do(Alice.Room.Update(Alice.Session, Alice.Belief));
        ReadOnlyMemory<byte> commit = _world.Log.Entries[^1].Message!.Value;
        _world.Log.Force(EntryKind.Application, message, _world.Now);
        _world.Log.Force(EntryKind.Handshake, commit, _world.Now);
        _bob.Sync();
        Assert.Single(_bob.Heard, "once");
        var skipped = _bob.Events.TakeLast(2).Select(static read => Assert.IsType<RoomEvent.Skipped>(read).Fault.Mls);
        Assert.Equal([ValidationRule.GenerationAvailable, ValidationRule.EpochMatches], skipped);
        Alice.Sync();
        Assert.Equal(RoomStatus.Member, Alice.Room.Status);
        _world.AssertAgree();
    }

    [Fact]
    public void Attack_33_content_under_another_kind_is_skipped_by_all()
    {
        byte[] content = Alice.Room.Encrypt(Alice.Session, "x"u8.ToArray(), Alice.Belief).Frame.Message.ToArray();
        byte[] commit = _bob.Room.Update(_bob.Session, _bob.Belief).Frame.Message.ToArray();
        _world.Log.Force(EntryKind.Handshake, content, _world.Now);
        _world.Log.Force(EntryKind.Application, commit, _world.Now);
        _world.Log.Force(EntryKind.External, commit, _world.Now);
        _world.Log.Force(EntryKind.Handshake, "no MLS at all"u8.ToArray(), _world.Now);
        foreach (Device reader in new[] { Alice, _bob })
        {
            List<RoomEvent> read = reader.Sync();
            Assert.Equal(4, read.Count);
            Assert.All(read, entry => Assert.Equal(RoomRule.Kind, Assert.IsType<RoomEvent.Skipped>(entry).Fault.Room));
        }

        _world.AssertAgree();
    }

    [Fact]
    public void Attack_34_invalid_commit_costs_a_position_and_not_the_epoch()
    {
        Device carol = _world.Join("carol");
        Outgoing given = carol.Room.Update(carol.Session, carol.Belief);
        byte[] commit = given.Frame.Message.ToArray();
        carol.Room.Discard(given);
        ulong epoch = Alice.Room.Epoch;
        foreach (int place in new[] { commit.Length / 3, commit.Length / 2, commit.Length - 1, commit.Length - 50 })
        {
            byte[] broken = [.. commit];
            broken[place] ^= 1;
            _world.Log.Force(EntryKind.Handshake, broken, _world.Now);
        }

        Assert.All(Alice.Sync(), read => Assert.IsType<RoomEvent.Skipped>(read));
        Assert.Equal(epoch, Alice.Room.Epoch);
        Alice.Do(Alice.Room.Update(Alice.Session, Alice.Belief));
        _world.AssertAgree();
        Assert.Equal(epoch + 1, carol.Room.Epoch);
    }

    [Fact]
    public void Attack_36_another_members_grant_in_ones_own_leaf_is_skipped()
    {
        using var carol = RawMember.Join(_world, "carol");
        LeafContent stolen = LeafContent.Of(carol.Group.Tree.Leaf(new LeafIndex(0))!);
        _world.Log.Force(EntryKind.Handshake, carol.Commit(null, new CommitOptions { Leaf = stolen }), _world.Now);
        AssertSkipped(EntryFault.Of(ValidationRule.CredentialSuccession));
    }

    [Fact]
    public void Attack_36_renewal_with_another_token_is_skipped()
    {
        using var carol = RawMember.Join(_world, "carol");
        Device accomplice = _world.Device("bob");
        accomplice.Touch(at: _world.Time + 10);
        RoomGrant grant = accomplice.Session.GrantFor(_world.Id)!;
        LeafContent leaf = LeafContent.Of(carol.Group.OwnLeaf) with { Credential = new BasicCredential(TlsWriter.Encode(grant.Grant)) };
        var options = new CommitOptions { Leaf = leaf, LeafKeys = grant.LeafKeys, NewSigner = accomplice.Session.Signer };
        _world.Log.Force(EntryKind.Handshake, carol.Commit(null, options), _world.Now);
        AssertSkipped(EntryFault.Of(TouchRule.RenewalToken));
    }

    [Fact]
    public void Attack_38_member_without_the_right_removes_changes_the_terms_or_sends_what_rooms_do_not_take()
    {
        using var carol = RawMember.Join(_world, "carol");
        ExtensionList context = carol.Group.Context.Extensions;
        RoomTerms terms = Alice.Room.Terms;
        Mls.Extension banned = Mls.Extension.Of(new ExtensionType(RoomRemovals.ExtensionType), new RoomRemovals([new Removal(_bob.Handle, null, Removal.Ban)]));
        Mls.Extension loose = Mls.Extension.Of(new ExtensionType(RoomPolicy.ExtensionType), terms.Policy with { Version = 1, Door = new Door.Everybody() });
        (byte[] Message, RoomRule Rule)[] attempts =
        [
            (carol.Commit(new RemoveProposal(_bob.Room.Own!.Leaf)), RoomRule.RemoveNotAllowed),
            (carol.Commit(new GroupContextExtensionsProposal(context.With(banned))), RoomRule.ContextNotAllowed),
            (carol.Commit(new GroupContextExtensionsProposal(context.With(loose))), RoomRule.ContextNotAllowed),
            (carol.Commit(new GroupContextExtensionsProposal(new ExtensionList(context.Skip(1)))), RoomRule.ContextNotAllowed),
            (carol.Commit(new ReInitProposal(GroupId.Random(), ProtocolVersion.Mls10, carol.Group.Suite.Id, ExtensionList.Empty)), RoomRule.ProposalKind),
            (carol.Propose(new RemoveProposal(_bob.Room.Own!.Leaf)), RoomRule.ByReference),
            (carol.Propose(new GroupContextExtensionsProposal(context)), RoomRule.ProposalKind),
            (carol.Group.ProposeUpdate(carol.Device.Session.Signer, authenticatedData: TlsWriter.Encode(carol.Seen)), RoomRule.ProposalKind),
        ];
        foreach ((byte[] message, RoomRule rule) in attempts)
        {
            _world.Log.Force(EntryKind.Handshake, message, _world.Now);
            AssertSkipped(EntryFault.Of(rule));
        }

        _world.AssertAgree(Alice, _bob);
        Assert.Contains(Alice.Room.Members, member => member.Handle == _bob.Handle);
    }

    [Fact]
    public void Attack_38_commit_that_takes_up_a_proposal_which_no_room_takes_is_skipped()
    {
        using var carol = RawMember.Join(_world, "carol");
        byte[] proposal = carol.Propose(new GroupContextExtensionsProposal(carol.Group.Context.Extensions));
        _world.Log.Force(EntryKind.Handshake, proposal, _world.Now);
        AssertSkipped(EntryFault.Of(RoomRule.ProposalKind));
        _world.Log.Force(EntryKind.Handshake, carol.Commit(), _world.Now);
        AssertSkipped(EntryFault.Of(ValidationRule.ProposalReferenceKnown));
    }

    [Fact]
    public void Attack_39_fifth_leaf_of_a_token_is_skipped()
    {
        using var world = new TestRoom();
        using var carol = RawMember.Join(world, "carol");
        for (int i = 0; i < 4; i++)
        {
            carol.Follow();
            Device device = world.Device("bob");
            device.Touch(keyPackages: 1);
            world.Log.Force(EntryKind.Handshake, carol.Commit(new AddProposal(device.Session.KeyPackages[0].KeyPackage)), world.Now);
            Assert.IsType<RoomEvent.Applied>(Assert.Single(world.Alice.Sync()));
        }

        carol.Follow();
        Device fifth = world.Device("bob");
        fifth.Touch(keyPackages: 1);
        world.Log.Force(EntryKind.Handshake, carol.Commit(new AddProposal(fifth.Session.KeyPackages[0].KeyPackage)), world.Now);
        Assert.Equal(TouchRule.LeavesPerToken, Assert.IsType<RoomEvent.Skipped>(Assert.Single(world.Alice.Sync())).Fault.Touch);
    }

    [Fact]
    public void Attack_39_addition_of_whom_the_door_does_not_list_is_skipped()
    {
        using var world = new TestRoom(RoomSettings.Standard with { Inviters = Who.Members, Door = new Door.Listed([Handle.Parse("carol")]) });
        using var carol = RawMember.Join(world, "carol");
        Device bob = world.Device("bob");
        bob.Touch(keyPackages: 1);
        world.Log.Force(EntryKind.Handshake, carol.Commit(new AddProposal(bob.Session.KeyPackages[0].KeyPackage)), world.Now);
        Assert.Equal(RoomRule.DoorClosed, Assert.IsType<RoomEvent.Skipped>(Assert.Single(world.Alice.Sync())).Fault.Room);
    }

    [Fact]
    public void Attack_40_lying_Seen_is_skipped_with_an_alarm_and_nobody_freezes()
    {
        using var carol = RawMember.Join(_world, "carol");
        foreach ((Seen seen, RoomRule rule) in new (Seen, RoomRule)[]
        {
            (carol.Seen with { RoomHead = default }, RoomRule.SeenRoom),
            (carol.Seen with { RoomSize = 1000 }, RoomRule.SeenAhead),
            (carol.Seen with { RegistrySize = 1000 }, RoomRule.SeenBeyondStamp),
        })
        {
            Seen honest = carol.Seen;
            Seen lie = rule == RoomRule.SeenRoom ? honest with { RoomHead = default } : seen;
            _world.Log.Force(EntryKind.Application, carol.Encrypt("lie", lie), _world.Now);
            AssertAlarm(rule, carol.Device);
            _world.Log.Force(EntryKind.Handshake, carol.Commit(rule == RoomRule.SeenRoom ? carol.Seen with { RoomHead = default } : lie, null), _world.Now);
            AssertAlarm(rule, carol.Device);
        }

        Alice.Say("nobody froze");
        _world.AssertAgree(Alice, _bob);
        Assert.Equal("nobody froze", _bob.Heard[^1]);
    }

    [Fact]
    public void Seen_from_before_the_epoch_is_skipped_by_old_members_and_new_ones_alike()
    {
        using var carol = RawMember.Join(_world, "carol");
        Digest oldHead = _world.Log.Entries[1].Entry.Hash;
        byte[] commit = carol.Commit(carol.Seen with { RoomSize = 2, RoomHead = oldHead }, null);
        _world.Log.Force(EntryKind.Handshake, commit, _world.Now);
        AssertSkipped(EntryFault.Of(RoomRule.SeenStale));
    }

    [Fact]
    public void Attack_46_jump_of_generations_is_refused_in_bounded_time()
    {
        using var carol = RawMember.Join(_world, "carol");
        byte[] far = [];
        for (int i = 0; i <= 1001; i++)
            far = carol.Encrypt("far");
        _world.Log.Force(EntryKind.Application, far, _world.Now);
        AssertSkipped(EntryFault.Of(ValidationRule.GenerationAvailable));
    }

    [Fact]
    public void Attack_47_message_of_a_stale_epoch_is_encrypted_again_and_shown_once()
    {
        Outgoing stale = _bob.Room.Encrypt(_bob.Session, "id 7: late"u8.ToArray(), _bob.Belief);
        for (int i = 0; i < 5; i++)
            Alice.Do(Alice.Room.Update(Alice.Session, Alice.Belief));
        Assert.Equal(AppendAnswer.Stale, _bob.Send(stale).Answer);
        _bob.Sync();
        _bob.Push(_bob.Room.Encrypt(_bob.Session, "id 7: late"u8.ToArray(), _bob.Belief));
        Alice.Sync();
        Assert.Single(Alice.Heard, "id 7: late");
    }

    [Fact]
    public void Message_of_four_epochs_ago_is_still_read()
    {
        Outgoing late = _bob.Room.Encrypt(_bob.Session, "late"u8.ToArray(), _bob.Belief);
        for (int i = 0; i < 4; i++)
            Alice.Do(Alice.Room.Update(Alice.Session, Alice.Belief));
        _bob.Push(late);
        Alice.Sync();
        Assert.Equal("late", Alice.Heard[^1]);
        Assert.IsType<RoomEvent.OwnContent>(_bob.Sync()[^1]);
    }

    [Fact]
    public void Attack_52_copy_of_the_state_finds_what_it_did_not_send_and_never_sends_again()
    {
        using Secret session = _bob.Session.Save();
        using Secret room = _bob.Room.Save();
        _bob.Say("from the original");
        Device copy = _world.Device("bob");
        copy.Session = Session.Restore(session.Span);
        copy.Room = Room.Restore(room.Span, copy.Verifier);
        Assert.IsType<RoomEvent.FoundCopy>(Assert.Single(copy.Sync()));
        Assert.Equal(SendObstacle.Status, copy.Obstacle);
        Assert.Throws<InvalidOperationException>(() => copy.Room.Update(copy.Session, copy.Belief));
        copy.Restart();
        Assert.Equal(RoomStatus.Copy, copy.Room.Status);

        copy.Session = Session.Restore(session.Span);
        copy.Room = Room.Restore(room.Span, copy.Verifier);
        _world.AssertAgree(Alice, _bob);
    }

    [Fact]
    public void Attack_57_clocks_three_days_apart_read_the_same_log_alike()
    {
        Device carol = _world.Join("carol");
        _bob.Skew = 3 * 24 * 3600;
        for (int i = 0; i < 3; i++)
        {
            Alice.Do(Alice.Room.Update(Alice.Session, Alice.Belief));
            Alice.Say("tick");
            _world.Time += 60;
            _world.AssertAgree();
        }

        Assert.Equal(carol.Heard[^3..], _bob.Heard[^3..]);

        // Three days behind, it reads later; once it does, it reads the same.
        carol.Skew = -3 * 24 * 3600;
        Alice.Do(Alice.Room.Update(Alice.Session, Alice.Belief));
        Assert.Equal(RoomRule.AheadOfClock, Assert.IsType<RoomEvent.Waits>(Assert.Single(carol.Sync())).Rule);
        carol.Skew = 0;
        _world.AssertAgree();
    }

    [Fact]
    public void Three_commit_at_once_one_wins_and_the_others_make_theirs_anew()
    {
        Device carol = _world.Join("carol");
        Device[] all = [Alice, _bob, carol];
        Outgoing[] commits = [.. all.Select(static device => device.Room.Update(device.Session, device.Belief))];
        Assert.Equal([AppendAnswer.Accepted, AppendAnswer.Conflict, AppendAnswer.Conflict], all.Zip(commits, static (device, commit) => device.Send(commit).Answer));
        Assert.True(Assert.IsType<RoomEvent.Applied>(_bob.Sync()[^1]).LostOwn);
        Assert.False(_bob.Room.HasPendingCommit);
        carol.Room.Discard(commits[2]);
        _world.SyncAll();
        _bob.Do(_bob.Room.Update(_bob.Session, _bob.Belief));
        carol.Sync();
        carol.Do(carol.Room.Update(carol.Session, carol.Belief));
        _world.AssertAgree();
    }

    [Fact]
    public void Own_commit_that_a_relay_took_after_it_had_refused_it_means_entering_anew_and_no_copy()
    {
        Outgoing commit = _bob.Room.Update(_bob.Session, _bob.Belief);
        _bob.Room.Discard(commit);
        _world.Log.Force(EntryKind.Handshake, commit.Frame.Message, _world.Now);
        var skipped = Assert.IsType<RoomEvent.Skipped>(Assert.Single(_bob.Sync()));
        Assert.Equal(commit.MessageHash, skipped.OwnMessage);
        Assert.NotNull(_bob.Room.MustReenter);
        Assert.Equal(RoomStatus.Member, _bob.Room.Status);
    }

    [Fact]
    public void Body_that_the_relay_has_deleted_leaves_a_gap_and_of_a_handshake_it_means_entering_anew()
    {
        Alice.Say("deleted");
        Assert.Equal(EntryKind.Application, Assert.IsType<RoomEvent.Gone>(_bob.Room.Take(_world.Log.Entries[^1] with { Message = null }, _bob.Registry, _bob.Clock)).Kind);
        Assert.Null(_bob.Room.MustReenter);
        Alice.Do(Alice.Room.Update(Alice.Session, Alice.Belief));
        Assert.IsType<RoomEvent.Gone>(_bob.Room.Take(_world.Log.Entries[^1] with { Message = null }, _bob.Registry, _bob.Clock));
        Assert.NotNull(_bob.Room.MustReenter);
    }

    // One entry at the log's end, which alice and bob skip alike.
    private void AssertSkipped(EntryFault fault)
    {
        foreach (Device reader in new[] { Alice, _bob })
        {
            ulong epoch = reader.Room.Epoch;
            Assert.Equal(fault, Assert.IsType<RoomEvent.Skipped>(reader.Sync()[^1]).Fault);
            Assert.Equal(epoch, reader.Room.Epoch);
        }
    }

    private void AssertAlarm(RoomRule rule, Device sender)
    {
        foreach (Device reader in new[] { Alice, _bob })
        {
            var alarm = Assert.IsType<RoomEvent.Alarm>(reader.Sync()[^1]);
            Assert.Equal((rule, sender.Handle), (alarm.Rule, alarm.Sender.Handle));
        }
    }

    private void AssertBroken(RoomRule rule, EntryPush push)
        => Assert.Equal(rule, Assert.IsType<RoomEvent.Broken>(_bob.Room.Take(push, _bob.Registry, _bob.Clock)).Rule);
}

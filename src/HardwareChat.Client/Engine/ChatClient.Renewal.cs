using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <content>A room from one connection to the next, and from one touch to the next.</content>
public sealed partial class ChatClient
{
    // All that a touch has room for, or those whose own touch is over within half a session's time: what a touch covers costs each room a commit.
    private RoomId[] RoomsToRenew(bool all)
    {
        ulong now = Belief.RelayTime;
        ulong soon = now + (_registry.State.Policy.SessionLifetime / 2);
        return [.. _rooms.Values
            .Where(joined => joined.Room.Status is RoomStatus.Member or RoomStatus.Entering && joined.Room.MustReenter is null && !joined.Room.HasPendingCommit)
            .Where(joined => joined.Session.Touch.IssuedAt < now)
            .Where(joined => all || joined.Session.Touch.NotAfter <= soon)
            .OrderBy(static joined => joined.Session.Touch.NotAfter)
            .Select(static joined => joined.Room.Id)
            .Take(ProtocolLimits.GrantItemsPerTouch - KeyPackagesPerTouch - 1)];
    }

    // After the log has been read to its end: what was under way is sent again, the room goes on under the new touch, and what waits is sent.
    private async Task GoOnAsync(JoinedRoom joined)
    {
        try
        {
            await CatchUpAsync(joined);
            await SendAgainAsync(joined);
            await RenewRoomAsync(joined);
        }
        catch (Exception e) when (e is not ConnectionException && IsForeseen(e))
        {
            TellUndone(joined, "the room does not go on as it should", e);
        }
        if (!_rooms.ContainsValue(joined))
            return;
        if (joined.Room.MustLeaveAgain)
            await LeaveAgainAsync(joined);
        if (joined.Room.Status == RoomStatus.Member)
            await PumpAsync(joined);
    }

    private async Task CatchUpAsync(JoinedRoom joined)
    {
        if (!joined.Room.HasPendingCommit && joined.Next is null)
            return;
        if (await ReadFromWhereItStandsAsync(joined) is { } log)
            await TakeUntilAsync(() => joined.Room.Chain.Size >= log.Size || joined.StoppedAt is not null, Patience);
    }

    // The very same bytes: if the relay has them already, it says where.
    private async Task SendAgainAsync(JoinedRoom joined)
    {
        RoomId id = joined.Room.Id;
        if (!joined.Room.HasPendingCommit || _vault.Read(vault => vault.Settings.Find(JoinedRoom.CommitUnderWay(id))) is not { } kept)
            return;
        var commit = (Append)Frame.DecodeFromClient(kept).Body;
        bool isEntry = joined.Room.Status == RoomStatus.Knocking;
        try
        {
            if (!await SendCommitAsync(joined, new Outgoing(commit, Digest.Of(commit.Message.Span))) && isEntry)
                Drop(joined, "another change came before this client's entry: enter again");
        }
        catch (RelayException e) when (isEntry && e.Code is ErrorCode.Refused or ErrorCode.TooLarge)
        {
            Drop(joined, $"this client's entry was refused: {e.Message}");
        }
    }

    private async Task RenewRoomAsync(JoinedRoom joined)
    {
        if (joined.Next?.GrantFor(joined.Room.Id) is not { } grant || joined.Room.HasPendingCommit)
            return;
        if (grant.Grant.Item.EnterBy < Belief.RelayTime)
        {
            joined.Follow(null);
            _vault.Write(vault => vault.Sessions.Remove(JoinedRoom.NextSessionName(joined.Room.Id)));
            throw new RoomException("the new touch has waited too long for a connection: the room goes on under the one before");
        }
        await CommitAnywayAsync(joined, room => room.Room.Renew(room.Session, room.Next!, Belief));
    }

    // Out of the room, without a commit that says so.
    private void Drop(JoinedRoom joined, string why)
    {
        RoomId id = joined.Room.Id;
        joined.Stored = joined.Stored with { Standing = RoomStanding.Left };
        _rooms.Remove(id);
        _vault.Write(vault =>
        {
            vault.Rooms.RemoveState(id);
            vault.Rooms.Put(joined.Stored);
            vault.Sessions.Remove(JoinedRoom.SessionName(id));
            vault.Sessions.Remove(JoinedRoom.NextSessionName(id));
            vault.Settings.Remove(JoinedRoom.CommitUnderWay(id));
        });
        joined.Dispose();
        TellAndKeep(new ClientEvent.Out(id, why));
    }
}

using HardwareChat.Client.Content;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <content>What members do for each other without being asked: greet who came in, take out who leaves, mend the door.</content>
/// <remarks>
/// One of them is enough: whoever acts in the lowest leaf does it at once, and each after it waits a little longer, and then only
/// if it has not been done.
/// </remarks>
public sealed partial class ChatClient
{
    private const int Deputies = 6;

    private static readonly TimeSpan DeputyWait = TimeSpan.FromSeconds(5);

    private void NoteDuties(JoinedRoom joined, RoomEvent news, RoomEntry entry)
    {
        Room room = joined.Room;
        if (news is RoomEvent.Content or RoomEvent.OwnContent || news is RoomEvent.Applied { Change.HasEntered: false })
            joined.HeardAt = entry.Sequence;
        switch (news)
        {
            // Whoever has added somebody says hello to the newcomer.
            case RoomEvent.Applied { IsOwn: true, Change.Added.Count: > 0 }:
                _work.Writer.TryWrite(() => GreetAsync(joined, hasAdded: true));
                break;
            case RoomEvent.Applied { IsOwn: false, Change: { HasEntered: true } change }:
                OnDuty(joined, change.Committer.Leaf, () => joined.HeardAt <= entry.Sequence, () => GreetAsync(joined, hasAdded: false));
                break;
            case RoomEvent.Leaving leaving when leaving.Member.Leaf != room.Own?.Leaf:
                OnDuty(joined, leaving.Member.Leaf, () => room.Leaving.Count > 0, () => UpdateAsync(joined, "who leaves was not taken out"));
                break;

            // The relay keeps the GroupInfo that came with the last handshake, and cannot tell that the room skips it: whoever enters by
            // that one is skipped too. An empty commit brings a good one again.
            case RoomEvent.Skipped or RoomEvent.Alarm when entry.IsHandshake && room.NeedsUpdate:
                OnDuty(joined, null, () => room.NeedsUpdate, () => UpdateAsync(joined, "the door of the room was not mended"));
                break;
        }
        if (news is RoomEvent.Applied && room.MustLeaveAgain)
            _work.Writer.TryWrite(() => LeaveAgainAsync(joined));
    }

    private void OnDuty(JoinedRoom joined, LeafIndex? newcomer, Func<bool> stands, Func<Task> act)
    {
        if (RankOf(joined, newcomer) is not { } rank || rank >= Deputies)
            return;
        Func<Task> ifItStands = () => _rooms.ContainsValue(joined) && joined.Room.Status == RoomStatus.Member && stands() ? act() : Task.CompletedTask;
        if (rank == 0)
            _work.Writer.TryWrite(ifItStands);
        else
            Later(rank * DeputyWait, ifItStands);
    }

    // How many members who act come before this one; null if it does not act itself.
    private int? RankOf(JoinedRoom joined, LeafIndex? without)
    {
        RegistryState registry = _registry.State;
        IReadOnlyList<Member> leaving = joined.Room.Leaving;
        int rank = joined.Room.Members
            .Where(member => !member.IsInvited && member.Leaf != without && !leaving.Contains(member) && joined.Room.StateOf(member, registry) == LeafState.Active)
            .OrderBy(static member => member.Leaf.Value)
            .ToList()
            .FindIndex(member => member.Leaf == joined.Room.Own?.Leaf);
        return rank < 0 ? null : rank;
    }

    private async Task GreetAsync(JoinedRoom joined, bool hasAdded)
    {
        try
        {
            await SendAsync(joined, new HelloContent());

            // Who was added knows the key of the door's phrase from nobody yet.
            if (hasAdded)
                await TellPhraseAsync(joined);

            // Who comes in has not heard how the room is called; only an admin's word for it counts.
            if (joined.Stored.Title.Length > 0 && joined.Room.Terms.Policy.IsAdmin(OwnToken.Handle))
                await SendAsync(joined, new TitleContent(joined.Stored.Title));
        }
        catch (Exception e) when (IsForeseen(e))
        {
            TellUndone(joined, "the hello to a new member was not sent", e);
        }
    }

    private async Task UpdateAsync(JoinedRoom joined, string undone)
    {
        try
        {
            await CommitAsync(joined.Room.Id, room => room.Room.Update(room.Session, Belief));
        }
        catch (Exception e) when (IsForeseen(e))
        {
            TellUndone(joined, undone, e);
        }
    }

    private async Task LeaveAgainAsync(JoinedRoom joined)
    {
        try
        {
            if (_rooms.ContainsValue(joined) && joined.Room.MustLeaveAgain)
                await SayLeavingAsync(joined);
        }
        catch (Exception e) when (IsForeseen(e))
        {
            TellUndone(joined, "the others were not told again that this client leaves", e);
        }
    }

    private async Task SayLeavingAsync(JoinedRoom joined)
    {
        for (int attempt = 1; attempt <= CommitAttempts; attempt++)
        {
            Outgoing leaving = joined.Room.Leave(joined.Session, Belief);
            _vault.Write(joined.Save);
            ulong size = joined.Room.Chain.Size;
            try
            {
                await AppendAsync(leaving);
                return;
            }
            catch (RelayException e) when (e.Code is ErrorCode.Conflict or ErrorCode.Stale)
            {
                await TakeUntilAsync(() => joined.Room.Chain.Size > size, TimeSpan.FromSeconds(2));
            }
        }
        throw new RoomException("too many others changed the room at the same time");
    }

    // What a room, the registry, the relay or the way to it may answer to what this client does unasked: it is told, and the client goes on.
    private static bool IsForeseen(Exception e)
        => e is RoomException or RoomRuleException or CommunityException or ConnectionException or RelayException or InvalidOperationException or DecodeException or ValidationException;

    private void TellUndone(JoinedRoom joined, string undone, Exception why)
        => TellAndKeep(new ClientEvent.Trouble(joined.Room.Id, joined.Room.Chain.Size, $"{undone}: {why.Message}"));
}

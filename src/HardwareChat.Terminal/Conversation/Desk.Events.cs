using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;

namespace HardwareChat.Terminal.Conversation;

/// <content>What the engine shows.</content>
internal sealed partial class Desk
{
    private const string ReceiptsSetting = "receipts";

    /// <summary>Takes an event of the engine, on any thread.</summary>
    public void Take(ClientEvent shown) => loop.Post(() =>
    {
        if (IsReady)
            Show(shown);
        else if (shown is ClientEvent.Link link)
            SetLink(link.State, link.Why);
    });

    private void Show(ClientEvent shown)
    {
        switch (shown)
        {
            case ClientEvent.Link link:
                bool isBack = link.State == LinkState.Online && Link != LinkState.Online;
                SetLink(link.State, link.Why);
                foreach (DeskRoom known in isBack ? _rooms.ToArray() : [])
                    RefreshSoon(known);
                break;
            case ClientEvent.SessionEnds ends:
                Tell($"The touch that you act under is over {MessageLines.When((ulong)ends.At.ToUnixTimeSeconds())}: /renew goes on with a new one.");
                break;
            case ClientEvent.Unsent unsent:
                Show(unsent);
                break;
            case ClientEvent.Message message:
                Show(message);
                break;
            case ClientEvent.Changed changed:
                DeskRoom room = RoomOf(changed.Room);
                if (RoomNotice.Of(changed.Change) is { } notice)
                    Show(room, new HistoryItem.Happened(changed.Sequence, Now, notice));
                RefreshSoon(room);
                break;
            case ClientEvent.Invited invited:
                DeskRoom offered = RoomOf(invited.Room);
                offered.InvitedBy = invited.By;
                Tell($"{invited.By} invites you into a room; in it: {string.Join(", ", invited.Members.Where(member => member != Own))}. /accept {_rooms.IndexOf(offered) + 1} brings you in.");
                break;
            case ClientEvent.Trouble trouble:
                Show(RoomOf(trouble.Room), new HistoryItem.NotShown(trouble.Sequence, Now, trouble.Why));
                break;
            case ClientEvent.Out gone:
                DeskRoom left = RoomOf(gone.Room);
                Complained?.Invoke($"you are not in {left.Title} any more: {HarmlessText.Line(gone.Why)}");
                RefreshSoon(left);
                break;
        }
    }

    // What waits says so where it stands; what was given up is complained of.
    private void Show(ClientEvent.Unsent unsent)
    {
        DeskRoom room = RoomOf(unsent.Room);
        QueuedMessage? queued = Client.Outbox.FirstOrDefault(queued => queued.Room == unsent.Room && queued.MessageId.Span.SequenceEqual(unsent.Id.ToArray()));
        string? words = queued is null ? null : (RoomContent.Read(MimiContent.Decode(queued.Content)) as MessageContent)?.Text;
        if (room.History.Pending.FirstOrDefault(pending => pending.Content.Text == words) is { } pending)
        {
            pending.State = unsent.State == OutboxState.Failed ? MessageState.Failed : MessageState.Sending;
            pending.Why = unsent.Why;
        }
        if (unsent.State == OutboxState.Failed)
            Complained?.Invoke($"a message in {room.Title} was not sent: {HarmlessText.Line(unsent.Why)}");
    }

    private static ulong Now => (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private void Show(DeskRoom room, HistoryItem note)
    {
        // The history that was just read from the vault may have it already.
        if (room.History.At(note.Sequence) is { } known && known.GetType() == note.GetType())
            return;
        room.History.Take(note);
        Came?.Invoke(room, note, null);
    }

    private void Show(ClientEvent.Message message)
    {
        DeskRoom room = RoomOf(message.Room);
        room.Stored = Client.Rooms.FirstOrDefault(stored => stored.Id == room.Id) ?? room.Stored;
        var received = new ReceivedContent(message.Id, message.Sender, message.Sequence, message.Time, message.Content);
        foreach (HistoryItem item in room.History.Take(received))
            Came?.Invoke(room, item, received);
        if (!message.IsOwn && message.Content is MessageContent content && Markdown.Mentions(content).Contains(Own))
            room.IsMentioned = true;
        if (room.Stored?.Standing == RoomStanding.Joined && room.People.Count == 0)
            RefreshSoon(room);
    }

    // A report of what was read goes out only where the person chose so.
    private async Task TellReadAsync(DeskRoom room, ulong from)
    {
        MessageStatus[] read = [.. room.History.Items.OfType<HistoryItem.Said>()
            .Where(item => item.Sequence >= from && !item.IsOwn)
            .Select(static item => new MessageStatus(item.Message.First.Id, DeliveryStatus.Read)).Take(ContentLimits.Statuses)];
        if (read.Length > 0)
            await Client.SendAsync(room.Id, new StatusContent(read));
    }
}

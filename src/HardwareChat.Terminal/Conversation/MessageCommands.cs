using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;

namespace HardwareChat.Terminal.Conversation;

/// <summary>Commands about messages.</summary>
internal static class MessageCommands
{
    private const int Found = 20;
    private const int HistoryLines = 20;

    /// <summary>The commands.</summary>
    public static IReadOnlyList<SlashCommand> All { get; } =
    [
        new("reply", "N TEXT", "Answers a message.", Reply),
        new("react", "N EMOJI", "Reacts to a message with one character.", React),
        new("edit", "[#N] TEXT", "Says a message of yours anew: your last one, or #N.", Edit),
        new("delete", "N", "Takes a message of yours back, for everybody.", Delete),
        new("show", "N", "Shows a message whole: when, its wordings, who reacted, who has read it.", Show),
        new("history", "[COUNT]", "Shows the last messages of the open room.", History),
        new("search", "WORDS", "Finds messages in all your rooms by words of theirs, newest first.", Search),
        new("outbox", "", "Lists what has not been sent yet, and why.", Outbox),
        new("resend", "", "Sends again what was given up in the open room.", Resend),
        new("copy", "N", "Shows the bare text of a message, to be copied.", Copy),
    ];

    /// <summary>The message at a place of the open room.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static HistoryItem.Said MessageAt(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        ulong place = text.Place() ?? throw new CommandException("which message? Give its number, as #12 or 12");
        if (room.History.At(place) is null)
            room.History.LoadTo(place);
        return room.History.At(place) as HistoryItem.Said ?? throw new CommandException($"there is no message #{place} in {room.Title}");
    }

    private static Task Reply(Desk desk, CommandText text)
    {
        HistoryItem.Said answered = MessageAt(desk, text);
        return desk.SayAsync(text.IsEmpty ? throw new CommandException("what do you answer?") : text.Rest, answered.Message.First.Id);
    }

    private static async Task React(Desk desk, CommandText text)
    {
        HistoryItem.Said target = MessageAt(desk, text);
        string emoji = HarmlessText.Line(text.Rest);
        if (emoji.Length == 0 || Cells.NextCluster(emoji) != emoji.Length)
            throw new CommandException("a reaction is one character");
        await desk.Client.SendAsync(desk.Here().Id, new ReactionContent(target.Message.First.Id, emoji));
    }

    private static async Task Edit(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        string all = text.Rest;
        var rest = new CommandText(all);
        HistoryItem.Said edited;
        if (all.StartsWith('#') && rest.Place() is { } place && room.History.At(place) is HistoryItem.Said { IsOwn: true } named && !rest.IsEmpty)
        {
            edited = named;
            all = rest.Rest;
        }
        else if (all.StartsWith('#') || all.Length == 0)
        {
            throw new CommandException(all.Length == 0 ? "what is it to say?" : "that is not a message of yours, or nothing stands behind its number");
        }
        else
        {
            edited = room.History.LastOwn() ?? throw new CommandException("you have not said anything here yet");
        }
        await desk.Client.SendAsync(room.Id, desk.Compose(all) with { Replaces = edited.Message.First.Id });
    }

    private static async Task Delete(Desk desk, CommandText text)
    {
        HistoryItem.Said target = MessageAt(desk, text);
        if (!target.IsOwn)
            throw new CommandException($"#{target.Sequence} is not yours");
        await desk.Client.SendAsync(desk.Here().Id, new DeletionContent(target.Message.First.Id));
    }

    private static Task Show(Desk desk, CommandText text)
    {
        HistoryItem.Said item = MessageAt(desk, text);
        ShownMessage message = item.Message;
        List<string> lines = [$"#{item.Sequence} of {message.First.Sender}, {MessageLines.When(item.Time)}{(MessageLines.Answered(item) is { } answered ? $", answers {answered}" : "")}", .. MessageLines.Body(item).Select(MessageLines.Plain)];
        for (int i = 0; i < message.Wordings.Count - 1; i++)
            lines.Add($"Wording {i + 1}: {HarmlessText.Line((message.Wordings[i].Content as MessageContent)?.Text ?? "", 200)}");
        foreach (ShownReaction reaction in message.Reactions)
            lines.Add($"{HarmlessText.Line(reaction.Emoji)} by {string.Join(", ", reaction.Users)}");
        foreach ((Protocol.Handle handle, DeliveryStatus status) in message.Statuses)
            lines.Add($"{(status == DeliveryStatus.Read ? "read" : "received")} by {handle}");
        desk.Tell(lines);
        return Task.CompletedTask;
    }

    private static Task History(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Open ?? throw new CommandException("no room is open");
        int count = (int)Math.Min(text.Place() ?? HistoryLines, 10_000);
        while (room.History.Items.Count < count && room.History.LoadOlder())
        {
        }
        desk.Tell([.. room.History.Items.TakeLast(count).SelectMany(item => MessageLines.PlainLines(item, withTime: true))]);
        return Task.CompletedTask;
    }

    private static Task Search(Desk desk, CommandText text)
    {
        string words = text.IsEmpty ? throw new CommandException("which words?") : text.Rest;
        List<string> lines = [];
        foreach (StoredMessage message in desk.Client.Search(words, null, Found))
        {
            if (MessageText.ContentOf(message) is MessageContent content)
                lines.Add($"{desk.RoomOf(message.Room).Title} #{message.Sequence} {MessageLines.When(message.Time)} {message.Sender}: {HarmlessText.Line(string.Join(' ', Markdown.Lines(content).Select(static line => line.Text)), 200)}");
        }
        desk.Tell(lines.Count > 0 ? lines : ["Nothing found."]);
        return Task.CompletedTask;
    }

    private static Task Outbox(Desk desk, CommandText text)
    {
        string[] lines = [.. desk.Rooms.SelectMany(static room => room.History.Pending.Select(pending =>
            $"{room.Title}: {HarmlessText.Line(pending.Content.Text, 60)} ({MessageLines.StateOf(pending)})"))];
        desk.Tell(lines.Length > 0 ? lines : ["Everything is sent."]);
        return Task.CompletedTask;
    }

    private static async Task Resend(Desk desk, CommandText text)
    {
        DeskRoom room = desk.Here();
        int count = 0;
        foreach (QueuedMessage failed in desk.Client.Outbox.Where(queued => queued.Room == room.Id && queued.State == OutboxState.Failed))
        {
            if (await desk.Client.RetryAsync(room.Id, MessageId.FromBytes(failed.MessageId.Span)))
                count++;
        }
        foreach (PendingMessage pending in count > 0 ? room.History.Pending : [])
            (pending.State, pending.Why) = (MessageState.Sending, "");
        desk.Tell(count == 0 ? "Nothing was given up here." : $"Sent again: {count}.");
    }

    private static Task Copy(Desk desk, CommandText text)
    {
        HistoryItem.Said item = MessageAt(desk, text);
        desk.Tell((item.Message.Content as MessageContent)?.Text is { Length: > 0 } words ? HarmlessText.Lines(words).Split('\n') : ["There are no words in it."]);
        return Task.CompletedTask;
    }
}

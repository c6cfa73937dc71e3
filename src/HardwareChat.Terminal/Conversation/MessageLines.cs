using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Client.Attachments;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;

namespace HardwareChat.Terminal.Conversation;

/// <summary>Messages as lines, for both faces: everything in them is harmless.</summary>
internal static class MessageLines
{
    private const int QuoteCells = 60;
    private const string Continued = "  ";

    /// <summary>When something was said, in local time.</summary>
    public static string When(ulong time) => Local(time) is { } local ? local.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "at an unknown time";

    /// <summary>The hour of it.</summary>
    public static string Hour(ulong time) => Local(time) is { } local ? local.ToString("HH:mm", CultureInfo.InvariantCulture) : "--:--";

    /// <summary>How far a message that is not in the log has come.</summary>
    public static string StateOf(PendingMessage pending) => pending.State == MessageState.Failed
        ? $"FAILED: {HarmlessText.Line(pending.Why)}"
        : pending.Why.Length > 0 ? "waits for a connection" : "sending";

    /// <summary>How far a message of one's own has come.</summary>
    public static string StateOf(ShownMessage message)
    {
        int read = message.Statuses.Values.Count(static status => status == DeliveryStatus.Read);
        return read > 0 ? $"read by {read}" : message.Statuses.Count > 0 ? $"received by {message.Statuses.Count}" : "stored";
    }

    /// <summary>What a message says, line by line.</summary>
    public static IReadOnlyList<StyledLine> Body(HistoryItem.Said item)
    {
        ShownMessage message = item.Message;
        List<StyledLine> lines = [];
        switch (message)
        {
            case { Kind: ShownKind.Deleted }:
                return [Words("(taken back)")];
            case { Kind: ShownKind.RefusedChange }:
                return [Words($"({message.First.Sender} tried to change another's message; it had no effect)")];
            case { Content: UnsupportedContent unknown }:
                return [Words($"(cannot be shown: {HarmlessText.Line(unknown.Reason, 200)}; a newer version may)")];
            case { Content: MessageContent content }:
                if (message.Kind == ShownKind.EditOfUnknown)
                    lines.Add(Words("(a new wording of a message that is not here)"));
                if (content.Text.Length > 0)
                    lines.AddRange(Markdown.Lines(content));
                lines.AddRange(content.Attachments.Select(static file => Words(FileText(file))));
                foreach (string type in content.UnsupportedTypes)
                    lines.Add(Words($"(a part of kind {HarmlessText.Line(type, 40)} cannot be shown)"));
                break;
        }
        return lines.Count > 0 ? lines : [Words("(empty)")];
    }

    /// <summary>A file in a few words; a name that hides what it is, is said.</summary>
    public static string FileText(AttachmentManifest file) => $"[file: {FileName.Of(file.FileName)}, {Size(file.Size)}]";

    /// <summary>The reactions in a line; empty if there are none.</summary>
    public static string Reactions(ShownMessage message)
        => string.Join("  ", message.Reactions.Select(static reaction => $"{HarmlessText.Line(reaction.Emoji)} {string.Join(", ", reaction.Users)}"));

    /// <summary>A styled line as text alone: quotes by &gt;, items by their markers, and a link's true target behind it.</summary>
    public static string Plain(StyledLine line)
    {
        string prefix = string.Concat(Enumerable.Repeat("> ", line.Quote)) + new string(' ', 2 * line.Indent) + line.Marker;
        return prefix + (line.Kind == LineKind.Heading ? "# " : "") + line.Text;
    }

    /// <summary>An item as lines of text, the first with who said it.</summary>
    public static IEnumerable<string> PlainLines(HistoryItem item, bool withTime)
    {
        string place = withTime ? $"{When(item.Time)} #{item.Sequence}" : $"#{item.Sequence}";
        switch (item)
        {
            case HistoryItem.Happened happened:
                yield return $"{place} * {HarmlessText.Line(happened.Text)}";
                break;
            case HistoryItem.NotShown trouble:
                yield return $"{place} ! not shown: {HarmlessText.Line(trouble.Why)}";
                break;
            case HistoryItem.Said said:
                string edited = said.Message.Wordings.Count > 0 ? " (edited)" : "";
                string answers = said.Message.InReplyTo is { } answered ? $" (to #{answered.Sequence} of {answered.Sender})" : said.Message.AnswersUnknown ? " (to a message that is not here)" : "";
                bool isFirst = true;
                foreach (StyledLine line in Body(said))
                {
                    yield return isFirst ? $"{place} {said.Name}{answers}{edited}: {Plain(line)}" : Continued + Plain(line);
                    isFirst = false;
                }
                if (Reactions(said.Message) is { Length: > 0 } reactions && withTime)
                    yield return Continued + reactions;
                break;
        }
    }

    /// <summary>An item that is new, or looks different now, as lines of text: what made it so is said where it is not the item itself.</summary>
    public static IEnumerable<string> News(HistoryItem item, ReceivedContent? cause, bool withTime) => cause?.Content switch
    {
        StatusContent => [],
        ReactionContent reaction => [$"{cause.Sender} reacted {HarmlessText.Line(reaction.Emoji)} to #{item.Sequence}"],
        DeletionContent => [$"{cause.Sender} took back #{item.Sequence}"],
        _ => PlainLines(item, withTime),
    };

    /// <summary>Bytes, for a person.</summary>
    public static string Size(ulong bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        < 1024 * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):0.#} GiB"),
    };

    /// <summary>The message that this one answers, in a line, as it is shown now: what was taken back is not quoted. Null if it answers none.</summary>
    public static string? Answered(HistoryItem.Said item) => item switch
    {
        { Answered: { } answered } => $"#{answered.First.Sequence} {answered.First.Sender}: {(answered.Content is MessageContent content ? Cells.Truncate(string.Join(' ', Markdown.Lines(content).Select(static line => line.Text)), QuoteCells) : "(taken back)")}",
        { Message.AnswersUnknown: true } => "(a message that is not here)",
        _ => null,
    };

    private static StyledLine Words(string text) => new(LineKind.Text, 0, 0, "", [new StyledRun(text, RunStyle.Italic)]);

    private static DateTime? Local(ulong time)
        => time <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds((long)time).ToLocalTime().DateTime : null;
}

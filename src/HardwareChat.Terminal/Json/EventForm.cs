using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Client.Attachments;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Json;

/// <summary>From what the vault has to the lines that say it.</summary>
/// <param name="own">This person.</param>
/// <param name="isBot">Whether a user is a program.</param>
internal sealed class EventForm(Handle own, Func<Handle, bool> isBot)
{
    /// <summary>A kept event. Null where the history has nothing at its place any more, and nothing else is known of it.</summary>
    public EventLine Of(KeptEvent kept) => kept.Kind switch
    {
        KeptEventKind.Message when kept.Message is { } stored => Of(stored) with { Cursor = Cursor(kept.Cursor) },
        KeptEventKind.Message => New(JsonEvent.Message, kept) with { Deleted = true },
        KeptEventKind.Changed => New(JsonEvent.Room, kept) with
        {
            By = kept.By?.ToString(),
            Entered = kept.HasEntered ? true : null,
            Added = Names(kept.Added),
            Removed = Names(kept.Removed),
            Settings = kept.TermsChanged ? true : null,
        },
        KeptEventKind.Trouble => New(JsonEvent.Trouble, kept) with { Why = kept.Why },
        _ => New(JsonEvent.Out, kept) with { Seq = null, Why = kept.Why },
    };

    /// <summary>A place of the history.</summary>
    public EventLine Of(StoredMessage stored)
    {
        EventLine line = new(stored.Kind switch { MessageKind.Notice => JsonEvent.Room, MessageKind.Trouble => JsonEvent.Trouble, _ => JsonEvent.Message })
        {
            Room = stored.Room.ToString(),
            Seq = stored.Sequence,
            At = Time(stored.Time),
        };
        if (stored.Kind != MessageKind.Content)
            return line with { Why = System.Text.Encoding.UTF8.GetString(stored.Content.Span) };
        line = line with
        {
            Msg = Convert.ToHexStringLower(stored.Id.Span),
            From = stored.Sender is { } sender ? new FromPart(sender.ToString(), stored.Token?.ToString(), isBot(sender)) : null,
            Mine = stored.Sender == own ? true : null,
        };
        return stored.IsDeleted || MessageText.ContentOf(stored) is not { } content ? line with { Kind = "text", Deleted = true } : Of(line, content);
    }

    /// <summary>The words for a cursor.</summary>
    public static string Cursor(ulong cursor) => string.Create(CultureInfo.InvariantCulture, $"c:{cursor}");

    /// <summary>The cursor of these words; null if they are none.</summary>
    public static ulong? CursorOf(string words)
        => words.StartsWith("c:", StringComparison.Ordinal) && ulong.TryParse(words.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out ulong cursor) ? cursor : null;

    /// <summary>A time, in seconds since 1970, as RFC 3339 has it; null where no calendar has it.</summary>
    public static string? Time(ulong seconds) => seconds > 0 && seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)
        : null;

    private static EventLine New(string ev, KeptEvent kept) => new(ev)
    {
        Cursor = Cursor(kept.Cursor),
        Room = kept.Room.ToString(),
        Seq = kept.Sequence,
        At = Time(kept.Message?.Time ?? 0),
    };

    private static EventLine Of(EventLine line, RoomContent content) => content switch
    {
        MessageContent message => line with
        {
            Kind = message.Replaces is null ? "text" : "edit",
            Target = message.Replaces?.ToString(),
            ReplyTo = message.InReplyTo?.ToString(),
            Text = message.Text,
            Format = message.Format == TextFormat.Markdown ? "markdown" : "plain",
            Mentions = Names([.. Markdown.Mentions(message)]),
            Files = message.Attachments.Count > 0 ? [.. message.Attachments.Select(Of)] : null,
            Why = message.UnsupportedTypes.Count > 0 ? $"parts of kinds that this version does not know: {string.Join(", ", message.UnsupportedTypes)}" : null,
        },
        DeletionContent deletion => line with { Kind = "delete", Target = deletion.Target.ToString() },
        ReactionContent reaction => line with { Kind = "reaction", Target = reaction.Target.ToString(), Emoji = reaction.Emoji },
        StatusContent report => line with { Kind = "receipt", Receipts = [.. report.Statuses.Select(static status => new ReceiptPart(status.Message.ToString(), WordOf(status.Status)))] },
        TitleContent title => line with { Kind = "title", Title = title.Title },
        PictureContent picture => line with { Kind = "picture", Files = picture.Picture is { } file ? [Of(file)] : null },
        UnsupportedContent unknown => line with { Kind = "unknown", Target = unknown.Replaces?.ToString(), Why = unknown.Reason },
        _ => line with { Kind = "unknown", Why = "nothing that is shown" },
    };

    private static FilePart Of(AttachmentManifest file) => new(file.FileName, file.Size, file.ContentType);

    private static string[]? Names(IReadOnlyList<Handle> handles) => handles.Count == 0 ? null : [.. handles.Select(static handle => handle.ToString())];

    private static string WordOf(DeliveryStatus status) => status switch
    {
        DeliveryStatus.Unread => "unread",
        DeliveryStatus.Delivered => "delivered",
        DeliveryStatus.Read => "read",
        DeliveryStatus.Expired => "expired",
        DeliveryStatus.Deleted => "deleted",
        DeliveryStatus.Hidden => "hidden",
        DeliveryStatus.Error => "error",
        _ => "other",
    };
}

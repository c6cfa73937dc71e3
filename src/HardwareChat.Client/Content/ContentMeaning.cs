using System.Globalization;
using System.Text;
using System.Text.Unicode;
using HardwareChat.Client.Attachments;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Content;

/// <summary>From the container to what it means.</summary>
internal static class ContentMeaning
{
    public static RoomContent Of(MimiContent content)
    {
        RoomContent meaning = content.Body switch
        {
            NullPart when content.Replaces is { } target => new DeletionContent(target),
            NullPart { Disposition: Disposition.Icon } => new PictureContent(null),
            NullPart => Unsupported("a message without a body", content),
            { Disposition: Disposition.Icon } => Picture(content),
            { Disposition: Disposition.Reaction } => Reaction(content),
            SinglePart { Disposition: Disposition.Unspecified } part when IsOurs(part) => content.Replaces is null
                ? Signal(part, content)
                : Unsupported("a signal that replaces a message", content),
            _ => Message(content),
        };
        return meaning with { Expires = content.Expires };
    }

    private static bool IsOurs(SinglePart part)
        => MediaType.Is(part.ContentType, MediaType.MessageStatus) || MediaType.Is(part.ContentType, MediaType.Title)
            || MediaType.Is(part.ContentType, MediaType.Hello) || MediaType.Is(part.ContentType, MediaType.Phrase)
            || MediaType.Is(part.ContentType, MediaType.Statement);

    private static RoomContent Signal(SinglePart part, MimiContent content)
    {
        if (MediaType.Is(part.ContentType, MediaType.Hello))
            return part.Content.IsEmpty ? new HelloContent() : Unsupported("a hello with something in it", content);
        if (MediaType.Is(part.ContentType, MediaType.Title))
            return part.Content.Length <= ContentLimits.TitleBytes && Utf8.IsValid(part.Content.Span)
                ? new TitleContent(Encoding.UTF8.GetString(part.Content.Span))
                : Unsupported("a title that is too long or is not UTF-8", content);
        if (MediaType.Is(part.ContentType, MediaType.Statement))
            return new StatementContent(part.Content);
        if (MediaType.Is(part.ContentType, MediaType.Phrase))
            return part.Content.Length == ContentForm.PhraseSize ? ReadPhrase(part.Content) : Unsupported("a phrase key of another size", content);
        try
        {
            return new StatusContent(StatusReport.Decode(part.Content));
        }
        catch (DecodeException)
        {
            return Unsupported("a report that is malformed", content);
        }
    }

    private static PhraseContent ReadPhrase(ReadOnlyMemory<byte> content)
    {
        var reader = new TlsReader(content.Span);
        uint version = reader.ReadUInt32();
        return new PhraseContent(version, content[^Phrase.PskSize..]);
    }

    private static RoomContent Picture(MimiContent content)
        => content.Replaces is null && content.Body is ExternalPart part && AttachmentManifest.TryRead(part, out AttachmentManifest? picture)
            ? new PictureContent(picture)
            : Unsupported("a picture that cannot be fetched", content);

    private static RoomContent Reaction(MimiContent content)
        => content is { Replaces: null, InReplyTo: { } target, Body: SinglePart part }
            && MediaType.Is(part.ContentType, MediaType.Plain)
            && part.Content.Length is > 0 and <= ContentLimits.ReactionBytes
            && Utf8.IsValid(part.Content.Span)
            && Encoding.UTF8.GetString(part.Content.Span) is var emoji
            && StringInfo.GetNextTextElementLength(emoji) == emoji.Length
                ? new ReactionContent(target, emoji)
                : Unsupported("a reaction that is not one character", content);

    private static RoomContent Message(MimiContent content)
    {
        var collected = new CollectedParts();
        collected.Add(content.Body);
        if (!collected.HasAnything)
            return Unsupported("content of a kind that this version does not know", content);
        return new MessageContent(collected.Text, collected.Format)
        {
            Attachments = collected.Attachments,
            InReplyTo = content.InReplyTo,
            Replaces = content.Replaces,
            UnsupportedTypes = collected.Unsupported,
        };
    }

    private static UnsupportedContent Unsupported(string reason, MimiContent content)
    {
        var types = new CollectedParts();
        types.AddUnsupported(content.Body);
        return new UnsupportedContent(reason, types.Unsupported, content.Replaces);
    }
}

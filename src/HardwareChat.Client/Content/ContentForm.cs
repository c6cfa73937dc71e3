using System.Text;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Content;

/// <summary>From a meaning to the container that says it.</summary>
internal static class ContentForm
{
    // struct { uint32 version; opaque psk[32]; }
    public const int PhraseSize = sizeof(uint) + Phrase.PskSize;

    public static MimiContent Of(RoomContent meaning, ReadOnlyMemory<byte> salt) => meaning switch
    {
        MessageContent message => Of(message, salt),
        DeletionContent deletion => Bare(salt, new NullPart(Disposition.Render, "")) with { Replaces = deletion.Target, Expires = deletion.Expires },
        ReactionContent reaction => Bare(salt, Reaction(reaction)) with { InReplyTo = reaction.Target, Expires = reaction.Expires },
        StatusContent report => Bare(salt, Signal(MediaType.MessageStatus, StatusReport.Encode(report.Statuses))) with { Expires = report.Expires },
        TitleContent title => Bare(salt, Signal(MediaType.Title, Utf8(title.Title, ContentLimits.TitleBytes))) with { Expires = title.Expires },
        PictureContent { Picture: null } none => Bare(salt, new NullPart(Disposition.Icon, "")) with { Expires = none.Expires },
        PictureContent { Picture: { } picture } some => Bare(salt, picture.ToPart(Disposition.Icon)) with { Expires = some.Expires },
        HelloContent hello => Bare(salt, Signal(MediaType.Hello, default)) with { Expires = hello.Expires },
        PhraseContent phrase => Bare(salt, Signal(MediaType.Phrase, Encode(phrase))) with { Expires = phrase.Expires },
        StatementContent statement => Bare(salt, Signal(MediaType.Statement, statement.Statement)) with { Expires = statement.Expires },
        _ => throw new ArgumentException("Content that is not known cannot be sent.", nameof(meaning)),
    };

    private static MimiContent Of(MessageContent message, ReadOnlyMemory<byte> salt)
    {
        if (message.Attachments.Count > ContentLimits.Attachments)
            throw new ArgumentException($"A message has at most {ContentLimits.Attachments} attachments.", nameof(message));
        List<NestedPart> parts = [.. message.Attachments.Select(attachment => attachment.ToPart(Disposition.Attachment))];
        if (message.Text.Length > 0 || parts.Count == 0)
            parts.Insert(0, Text(message));
        return Bare(salt, parts is [var only] ? only : new MultiPart(Disposition.Render, "", PartSemantics.ProcessAll, parts)) with
        {
            InReplyTo = message.InReplyTo,
            Replaces = message.Replaces,
            Expires = message.Expires,
        };
    }

    private static SinglePart Text(MessageContent message) => new(
        Disposition.Render,
        "",
        message.Format == TextFormat.Markdown ? MediaType.Markdown : MediaType.Plain,
        Utf8(message.Text, ContentLimits.TextBytes));

    private static SinglePart Reaction(ReactionContent reaction)
        => new(Disposition.Reaction, "", MediaType.Plain, Utf8(reaction.Emoji, ContentLimits.ReactionBytes));

    // A buffer of its own and exact size, so that the caller can zero the one copy that is made of the key.
    private static ReadOnlyMemory<byte> Encode(PhraseContent phrase)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteUInt32(phrase.Version);
        writer.WriteFixed(phrase.Psk.Span);
        if (buffer.WrittenSpan.Length != PhraseSize)
            throw new ArgumentException($"A phrase's key has {Phrase.PskSize} bytes.", nameof(phrase));
        byte[] content = GC.AllocateArray<byte>(PhraseSize, pinned: true);
        buffer.WrittenSpan.CopyTo(content);
        return content;
    }

    private static SinglePart Signal(string contentType, ReadOnlyMemory<byte> content) => new(Disposition.Unspecified, "", contentType, content);

    private static MimiContent Bare(ReadOnlyMemory<byte> salt, NestedPart body) => new() { Salt = salt, Body = body };

    private static byte[] Utf8(string text, int most)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= most ? bytes : throw new ArgumentException($"A text of this kind has at most {most} bytes.", nameof(text));
    }
}

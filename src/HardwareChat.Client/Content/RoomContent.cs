using HardwareChat.Client.Attachments;
using HardwareChat.Mls;

namespace HardwareChat.Client.Content;

/// <summary>How a message's text is to be read.</summary>
public enum TextFormat
{
    /// <summary>Character by character.</summary>
    Plain = 0,

    /// <summary>As Markdown.</summary>
    Markdown,
}

/// <summary>What a message says. Whether its sender may say it is judged by whoever folds or acts on it: <c>RoomTimeline</c> for edits and deletions.</summary>
public abstract record RoomContent
{
    /// <summary>When it asks to be forgotten; null for never.</summary>
    public Expiration? Expires { get; init; }

    /// <summary>What a message means: an <see cref="UnsupportedContent"/> where this version does not know.</summary>
    public static RoomContent Read(MimiContent content) => ContentMeaning.Of(content);

    /// <summary>The message that says this.</summary>
    /// <param name="salt">Of <see cref="MimiContent.NewSalt"/>, kept with the message for as long as it is not acknowledged.</param>
    /// <exception cref="ArgumentException">Beyond <see cref="ContentLimits"/>.</exception>
    public MimiContent ToMimi(ReadOnlyMemory<byte> salt) => ContentForm.Of(this, salt);

    /// <summary>The kind of content and nothing of what it says.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>Words, files, or both.</summary>
/// <param name="Text">The words; may be empty.</param>
/// <param name="Format">How to read them.</param>
public sealed record MessageContent(string Text, TextFormat Format) : RoomContent
{
    /// <summary>The files.</summary>
    public IReadOnlyList<AttachmentManifest> Attachments { get; init; } = [];

    /// <summary>The message that this one answers.</summary>
    public MessageId? InReplyTo { get; init; }

    /// <summary>The message that this one is the new wording of: always the first wording's id.</summary>
    public MessageId? Replaces { get; init; }

    /// <summary>Media types of parts that this version cannot show, as they were sent: hostile text.</summary>
    public IReadOnlyList<string> UnsupportedTypes { get; init; } = [];
}

/// <summary>Takes a message or a reaction back.</summary>
/// <param name="Target">Which.</param>
public sealed record DeletionContent(MessageId Target) : RoomContent;

/// <summary>A reaction to a message.</summary>
/// <param name="Target">Which message.</param>
/// <param name="Emoji">One character as people see it.</param>
public sealed record ReactionContent(MessageId Target, string Emoji) : RoomContent;

/// <summary>What became of a message on its reader's side. Values without a name are legal, and ignored.</summary>
public enum DeliveryStatus : byte
{
    /// <summary>Not read.</summary>
    Unread = 0,

    /// <summary>Received.</summary>
    Delivered = 1,

    /// <summary>Read.</summary>
    Read = 2,

    /// <summary>Expired.</summary>
    Expired = 3,

    /// <summary>Deleted.</summary>
    Deleted = 4,

    /// <summary>Put away.</summary>
    Hidden = 5,

    /// <summary>Not received well.</summary>
    Error = 6,
}

/// <summary>What became of one message.</summary>
/// <param name="Message">Which.</param>
/// <param name="Status">What.</param>
public readonly record struct MessageStatus(MessageId Message, DeliveryStatus Status);

/// <summary>A report of what became of messages; sent only by who chose so.</summary>
/// <param name="Statuses">At most <see cref="ContentLimits.Statuses"/>.</param>
public sealed record StatusContent(IReadOnlyList<MessageStatus> Statuses) : RoomContent;

/// <summary>The room's title.</summary>
/// <param name="Title">The title; empty takes it away.</param>
public sealed record TitleContent(string Title) : RoomContent;

/// <summary>The room's picture.</summary>
/// <param name="Picture">The picture; null takes it away.</param>
public sealed record PictureContent(AttachmentManifest? Picture) : RoomContent;

/// <summary>A sign of life: a valid entry in the epoch of somebody who has just entered. Never shown.</summary>
public sealed record HelloContent : RoomContent;

/// <summary>The key of the room's phrase, for members who have it from nobody yet. Never shown.</summary>
/// <param name="Version">Of the phrase.</param>
/// <param name="Psk">32 secret bytes, a slice of the buffer that was decoded: its owner zeroes it.</param>
public sealed record PhraseContent(uint Version, ReadOnlyMemory<byte> Psk) : RoomContent
{
    /// <summary>A copy of the key with an owner of its own.</summary>
    public Secret CopyPsk() => Secret.CopyOf(Psk.Span);
}

/// <summary>A revocation or sign-out, as it is signed for the registry: it acts on sight, whatever the relay shows of it. Never shown as a message.</summary>
/// <param name="Statement">Its encoding; whoever takes it verifies it.</param>
public sealed record StatementContent(ReadOnlyMemory<byte> Statement) : RoomContent;

/// <summary>Content that this version does not know: shown as such, never dropped.</summary>
/// <param name="Reason">Why, in words of ours.</param>
/// <param name="Types">Media types, as they were sent: hostile text.</param>
/// <param name="Replaces">What it claims to replace.</param>
public sealed record UnsupportedContent(string Reason, IReadOnlyList<string> Types, MessageId? Replaces) : RoomContent;

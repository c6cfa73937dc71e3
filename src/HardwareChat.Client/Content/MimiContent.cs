using System.Security.Cryptography;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Content;

// draft-ietf-mimi-content-09 §4, CBOR:
//
//   mimiContent = [ salt: bstr .size 16, replaces: null / MessageId, topicId: bstr, expires: null / Expiration,
//                   inReplyTo: null / MessageId, mimiExtensions: extensions, nestedPart: NestedPart ]
//   Expiration  = [ relative: bool, time: uint .size 4 ]

/// <summary>When a message asks to be forgotten.</summary>
/// <param name="IsRelative">Whether <paramref name="Time"/> counts from the reading of the message.</param>
/// <param name="Time">Seconds after it was read, or Unix seconds.</param>
public sealed record Expiration(bool IsRelative, uint Time)
{
    /// <summary>Unix seconds at which the message ends; null while it is relative to a reading that has not been.</summary>
    public ulong? EndsAt(ulong? readAt) => IsRelative ? readAt + Time : Time;
}

/// <summary>An extension of a message: kept as it came, so that a message is the same bytes again when it is encoded.</summary>
/// <param name="Key">The encoding of the key: an integer or a text.</param>
/// <param name="Value">The encoding of the value.</param>
public sealed record ContentExtension(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);

/// <summary>The container of one message, as draft-ietf-mimi-content defines it. What it says is a <see cref="RoomContent"/>.</summary>
public sealed record MimiContent
{
    /// <summary>Bytes of a salt.</summary>
    public const int SaltSize = 16;

    /// <summary>Random bytes that make the message's id unguessable and its own.</summary>
    public required ReadOnlyMemory<byte> Salt { get; init; }

    /// <summary>The message that this one takes the place of.</summary>
    public MessageId? Replaces { get; init; }

    /// <summary>The thread; empty for none.</summary>
    public ReadOnlyMemory<byte> TopicId { get; init; }

    /// <summary>When the message asks to be forgotten.</summary>
    public Expiration? Expires { get; init; }

    /// <summary>The message that this one answers.</summary>
    public MessageId? InReplyTo { get; init; }

    /// <summary>Extensions, in the order of their encoding.</summary>
    public IReadOnlyList<ContentExtension> Extensions { get; init; } = [];

    /// <summary>The body.</summary>
    public required NestedPart Body { get; init; }

    /// <summary>A fresh salt.</summary>
    public static ReadOnlyMemory<byte> NewSalt() => RandomNumberGenerator.GetBytes(SaltSize);

    /// <summary>Reads one message that fills the input. Byte strings of the result are slices of the input.</summary>
    /// <exception cref="DecodeException">Not deterministic CBOR, not a mimiContent, or beyond <see cref="ContentLimits"/>.</exception>
    public static MimiContent Decode(ReadOnlyMemory<byte> input) => MimiReader.Read(input);

    /// <summary>The encoding: deterministic, so that the same message is the same bytes, and has the same id, always.</summary>
    /// <exception cref="ArgumentException">The message is beyond <see cref="ContentLimits"/>, or no message.</exception>
    public byte[] Encode() => MimiWriter.Write(this);

    /// <summary>The message's id.</summary>
    /// <param name="sender">Who sent it, as MLS authenticated.</param>
    /// <param name="room">Where.</param>
    /// <param name="encoded">The message's encoding.</param>
    public MessageId IdOf(Handle sender, RoomId room, ReadOnlySpan<byte> encoded) => MessageId.Of(sender, room, encoded, Salt.Span);

    /// <summary>The type's name and nothing of what the message says.</summary>
    public override string ToString() => nameof(MimiContent);

    /// <summary>Reads any bytes as a message, for fuzzing: what is read encodes to the same bytes, and means something or is unsupported.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        MimiContent content = Decode(input.ToArray());
        if (!content.Encode().AsSpan().SequenceEqual(input))
            throw new CryptographicException("A message is read in two ways.");
        RoomContent meaning = RoomContent.Read(content);
        // What is said again may be a little longer, where a media type had no parameters: so not at the limit itself.
        if (meaning is not UnsupportedContent && input.Length <= ContentLimits.PaddedBytes / 2
            && RoomContent.Read(Decode(meaning.ToMimi(content.Salt).Encode())).GetType() != meaning.GetType())
            throw new CryptographicException("A message means two things.");
    }
}

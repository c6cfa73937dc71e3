namespace HardwareChat.Client.Content;

// draft-ietf-mimi-content §4.4
//
//   NestedPart = [ disposition, language: tstr, ( NullPart // SinglePart // ExternalPart // MultiPart ) ]
//
// Byte strings are slices of the buffer that was decoded: whoever owns that buffer zeroes it, and all secrets of the parts with it.

/// <summary>What a part is meant for. Values without a name here are legal, up to 255, and mean nothing to us.</summary>
public enum Disposition : byte
{
    /// <summary>Not said.</summary>
    Unspecified = 0,

    /// <summary>To be shown.</summary>
    Render = 1,

    /// <summary>A reaction to the message that is replied to.</summary>
    Reaction = 2,

    /// <summary>A person's profile.</summary>
    Profile = 3,

    /// <summary>To be shown in the conversation.</summary>
    Inline = 4,

    /// <summary>A picture that stands for something: here, for the room.</summary>
    Icon = 5,

    /// <summary>To be downloaded.</summary>
    Attachment = 6,

    /// <summary>A multimedia session.</summary>
    Session = 7,

    /// <summary>A preview that the sender made.</summary>
    Preview = 8,
}

/// <summary>How the parts of a <see cref="MultiPart"/> belong together.</summary>
public enum PartSemantics : byte
{
    /// <summary>Exactly one is processed.</summary>
    ChooseOne = 0,

    /// <summary>All, or none.</summary>
    SingleUnit = 1,

    /// <summary>Each by itself, as many as possible.</summary>
    ProcessAll = 2,
}

/// <summary>A body, or a part of one.</summary>
/// <param name="Disposition">What it is meant for.</param>
/// <param name="Language">Language tags, separated by commas; empty if not said.</param>
public abstract record NestedPart(Disposition Disposition, string Language)
{
    /// <summary>The kind of part and nothing of what it holds: a part that strays into a log tells no secret.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>No body: what deletes a message, or takes a reaction back.</summary>
public sealed record NullPart(Disposition Disposition, string Language) : NestedPart(Disposition, Language);

/// <summary>A body that is in the message.</summary>
/// <param name="Disposition">What it is meant for.</param>
/// <param name="Language">Language tags.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Content">Its bytes.</param>
public sealed record SinglePart(Disposition Disposition, string Language, string ContentType, ReadOnlyMemory<byte> Content)
    : NestedPart(Disposition, Language);

/// <summary>A body that is elsewhere, and how to open it.</summary>
public sealed record ExternalPart(Disposition Disposition, string Language) : NestedPart(Disposition, Language)
{
    /// <summary>Its media type.</summary>
    public required string ContentType { get; init; }

    /// <summary>Where it is.</summary>
    public required string Url { get; init; }

    /// <summary>Unix seconds until which it is there; 0 if not said.</summary>
    public required uint Expires { get; init; }

    /// <summary>Bytes at the URL; 0 if not said.</summary>
    public required ulong Size { get; init; }

    /// <summary>The AEAD, by IANA's number; 0 for none.</summary>
    public required ushort EncryptionAlgorithm { get; init; }

    /// <summary>The AEAD's key: a secret in the buffer that was decoded.</summary>
    public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The AEAD's nonce.</summary>
    public required ReadOnlyMemory<byte> Nonce { get; init; }

    /// <summary>The AEAD's associated data.</summary>
    public required ReadOnlyMemory<byte> AssociatedData { get; init; }

    /// <summary>The hash, by IANA's number in the Named Information registry.</summary>
    public required byte HashAlgorithm { get; init; }

    /// <summary>The hash of the bytes at the URL.</summary>
    public required ReadOnlyMemory<byte> ContentHash { get; init; }

    /// <summary>What it is, in the sender's words.</summary>
    public required string Description { get; init; }

    /// <summary>What the sender calls it. Not to be used as a name on disk as it is.</summary>
    public required string FileName { get; init; }
}

/// <summary>Several parts.</summary>
/// <param name="Disposition">What they are meant for.</param>
/// <param name="Language">Language tags.</param>
/// <param name="Semantics">How they belong together.</param>
/// <param name="Parts">At least two.</param>
public sealed record MultiPart(Disposition Disposition, string Language, PartSemantics Semantics, IReadOnlyList<NestedPart> Parts)
    : NestedPart(Disposition, Language);

namespace HardwareChat.Client.Content;

/// <summary>The media types of content that means something here.</summary>
public static class MediaType
{
    /// <summary>Text as it is.</summary>
    public const string Plain = "text/plain;charset=utf-8";

    /// <summary>Text in the draft's Markdown, of which a subset is shown (draft-ietf-mimi-content §7.1).</summary>
    public const string Markdown = "text/markdown;variant=GFM-MIMI";

    /// <summary>What became of messages (draft-mahy-mimi-message-status).</summary>
    public const string MessageStatus = "application/mimi-message-status";

    /// <summary>A room's title, UTF-8.</summary>
    public const string Title = "application/vnd.hardwarechat.title";

    /// <summary>Nothing but a sign of life, for somebody who has just entered.</summary>
    public const string Hello = "application/vnd.hardwarechat.hello";

    /// <summary>The key of a room's phrase, for members.</summary>
    public const string Phrase = "application/vnd.hardwarechat.phrase";

    /// <summary>A revocation or sign-out, as it is signed for the registry.</summary>
    public const string Statement = "application/vnd.hardwarechat.statement";

    /// <summary>Whether a media type is this one, parameters aside.</summary>
    internal static bool Is(string contentType, string known)
        => contentType.AsSpan(0, EndOfType(contentType)).Trim().Equals(known.AsSpan(0, EndOfType(known)), StringComparison.OrdinalIgnoreCase);

    private static int EndOfType(string contentType) => contentType.IndexOf(';', StringComparison.Ordinal) is var end and >= 0 ? end : contentType.Length;
}

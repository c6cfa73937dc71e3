namespace HardwareChat.Client.Content;

/// <summary>What a decoder of content takes at most. Each is far above what a face sends, and keeps a hostile member's message small.</summary>
public static class ContentLimits
{
    /// <summary>Bytes of padded content: the largest class that fits an application message of 64 KiB with its MLS framing and authenticated data.</summary>
    public const int PaddedBytes = 62 * 1024;

    /// <summary>Bytes of text in one message.</summary>
    public const int TextBytes = 48 * 1024;

    /// <summary>Levels of parts (draft-ietf-mimi-content §6.3).</summary>
    public const int PartDepth = 4;

    /// <summary>Parts of a message, on all levels.</summary>
    public const int Parts = 64;

    /// <summary>Attachments of a message.</summary>
    public const int Attachments = 16;

    /// <summary>Extensions of a message.</summary>
    public const int Extensions = 32;

    /// <summary>Bytes of one extension's value.</summary>
    public const int ExtensionBytes = 4096;

    /// <summary>Levels of an extension's tags, maps and arrays, the map of extensions being the first (draft-ietf-mimi-content §6.3).</summary>
    public const int ExtensionDepth = 4;

    /// <summary>Bytes of a media type, a language list, a topic or an extension's name.</summary>
    public const int NameBytes = 255;

    /// <summary>Bytes of a URL.</summary>
    public const int UrlBytes = 2048;

    /// <summary>Bytes of a file name as it is sent; what it becomes on disk is the business of <c>FileName</c>.</summary>
    public const int FileNameBytes = 1024;

    /// <summary>Bytes of a description.</summary>
    public const int DescriptionBytes = 4096;

    /// <summary>Bytes of a reaction.</summary>
    public const int ReactionBytes = 64;

    /// <summary>Bytes of a room's title.</summary>
    public const int TitleBytes = 256;

    /// <summary>Messages that one report speaks of.</summary>
    public const int Statuses = 512;
}

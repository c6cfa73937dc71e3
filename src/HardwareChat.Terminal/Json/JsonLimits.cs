namespace HardwareChat.Terminal.Json;

/// <summary>The bounds of JSON mode; hello names those that a program has to keep.</summary>
internal static class JsonLimits
{
    /// <summary>The protocol of this document: docs/JSON.md.</summary>
    public const int Version = 1;

    /// <summary>Bytes of a line that is read. No line that is written is longer.</summary>
    public const int Line = 1024 * 1024;

    /// <summary>Commands under way at once; no further line is read meanwhile.</summary>
    public const int Commands = 64;

    /// <summary>Events that are only a state of now, and wait to be written. When there are more, the oldest goes.</summary>
    public const int States = 256;

    /// <summary>Kept events that are read from the vault at once.</summary>
    public const int EventsAtOnce = 64;

    /// <summary>Characters of an id and of a key.</summary>
    public const int Name = 200;

    /// <summary>Messages of one answer; a page of the largest ones stays below <see cref="Line"/>.</summary>
    public const int Page = 100;

    /// <summary>Bytes of the texts in one answer, about; further messages are left to the next page.</summary>
    public const int PageBytes = 100 * 1024;

    /// <summary>Items of a list that is given.</summary>
    public const int Items = 256;

    /// <summary>How often a program hears that this one lives.</summary>
    public static readonly TimeSpan Alive = TimeSpan.FromSeconds(30);
}

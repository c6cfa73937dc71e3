namespace HardwareChat.Client.Text;

/// <summary>How a run of text is drawn.</summary>
[Flags]
public enum RunStyle
{
    /// <summary>As text.</summary>
    None = 0,

    /// <summary>Bold.</summary>
    Bold = 1,

    /// <summary>Italic.</summary>
    Italic = 2,

    /// <summary>Struck through.</summary>
    Strike = 4,

    /// <summary>Code.</summary>
    Code = 8,

    /// <summary>A link's text: its target follows in the same line where it is not the text itself.</summary>
    Link = 16,

    /// <summary>A mention: the handle of the user that is meant, whatever the sender wrote there.</summary>
    Mention = 32,
}

/// <summary>Text of one style.</summary>
/// <param name="Text">Harmless text without ends of lines.</param>
/// <param name="Style">How it is drawn.</param>
/// <param name="Target">What a link points to.</param>
public sealed record StyledRun(string Text, RunStyle Style = RunStyle.None, string? Target = null);

/// <summary>What a line is.</summary>
public enum LineKind
{
    /// <summary>Text.</summary>
    Text = 0,

    /// <summary>A heading.</summary>
    Heading,

    /// <summary>A line of a block of code: not to be wrapped at words.</summary>
    Code,

    /// <summary>An item of a list, or its first line.</summary>
    Item,
}

/// <summary>A line of a message.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Quote">Levels of quoting.</param>
/// <param name="Indent">Levels of a list.</param>
/// <param name="Marker">What stands before an item; empty elsewhere.</param>
/// <param name="Runs">Its text.</param>
public sealed record StyledLine(LineKind Kind, int Quote, int Indent, string Marker, IReadOnlyList<StyledRun> Runs)
{
    /// <summary>The text without its styles.</summary>
    public string Text => string.Concat(Runs.Select(run => run.Text));
}

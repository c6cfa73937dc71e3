namespace HardwareChat.Terminal.Screen;

/// <summary>How letters look, besides their colour.</summary>
[Flags]
internal enum Look
{
    /// <summary>As they are.</summary>
    None = 0,

    /// <summary>Bold.</summary>
    Bold = 1,

    /// <summary>Less bright.</summary>
    Dim = 2,

    /// <summary>Italic.</summary>
    Italic = 4,

    /// <summary>Underlined.</summary>
    Underline = 8,

    /// <summary>Light and dark exchanged.</summary>
    Reverse = 16,

    /// <summary>Struck through.</summary>
    Strike = 32,
}

/// <summary>The colours that every terminal has and its owner has chosen; the number is that of SGR.</summary>
internal enum Colour
{
    /// <summary>The terminal's own.</summary>
    Own = 39,

    /// <summary>Red: what went wrong.</summary>
    Red = 31,

    /// <summary>Green: oneself.</summary>
    Green = 32,

    /// <summary>Yellow: what calls for the person.</summary>
    Yellow = 33,

    /// <summary>Blue: links.</summary>
    Blue = 34,

    /// <summary>Cyan: others.</summary>
    Cyan = 36,
}

/// <summary>Look and colour of letters. Nothing is said by colour alone.</summary>
/// <param name="Look">The look.</param>
/// <param name="Colour">The colour.</param>
internal readonly record struct Ink(Look Look, Colour Colour = Colour.Own)
{
    /// <summary>As the terminal writes.</summary>
    public static Ink Plain => new(Look.None);
}

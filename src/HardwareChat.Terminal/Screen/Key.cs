namespace HardwareChat.Terminal.Screen;

/// <summary>What kind of key was pressed.</summary>
internal enum KeyKind
{
    /// <summary>Letters: <see cref="Key.Text"/>.</summary>
    Text,

    /// <summary>Text that was pasted, all of it in one piece: <see cref="Key.Text"/>.</summary>
    Paste,

    /// <summary>Ctrl and the letter in <see cref="Key.Text"/>.</summary>
    Control,

    /// <summary>Alt and the character in <see cref="Key.Text"/>.</summary>
    Alt,

    /// <summary>Enter.</summary>
    Enter,

    /// <summary>Alt-Enter, or Ctrl-J: a new line.</summary>
    NewLine,

    /// <summary>Escape.</summary>
    Escape,

    /// <summary>Tab.</summary>
    Tab,

    /// <summary>Backspace.</summary>
    Backspace,

    /// <summary>Delete.</summary>
    Delete,

    /// <summary>Left.</summary>
    Left,

    /// <summary>Right.</summary>
    Right,

    /// <summary>Up.</summary>
    Up,

    /// <summary>Down.</summary>
    Down,

    /// <summary>Home.</summary>
    Home,

    /// <summary>End.</summary>
    End,

    /// <summary>Page up.</summary>
    PageUp,

    /// <summary>Page down.</summary>
    PageDown,
}

/// <summary>A key, or a paste.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Text">What it writes; empty for keys that write nothing.</param>
internal readonly record struct Key(KeyKind Kind, string Text = "");

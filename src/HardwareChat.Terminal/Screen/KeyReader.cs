using System.Text;

namespace HardwareChat.Terminal.Screen;

// What a terminal sends: UTF-8, control characters, and sequences of ECMA-48 behind ESC:
//
//   ESC [ parameters final      arrows and the like; 200~ begins a paste, 201~ ends it
//   ESC O final                 the same in application mode
//   ESC character               Alt
//   ESC and nothing for a while the key itself
//
// A paste that is never ended, and a sequence that breaks off, end when nothing has come for a while: they lock nothing.

/// <summary>Bytes of a terminal as keys.</summary>
internal sealed class KeyReader
{
    /// <summary>Characters of a paste at most; the rest of it is dropped.</summary>
    public const int PasteCharacters = 1024 * 1024;

    private const int SequenceCharacters = 32;
    private const char Escape = '\e';
    private const string PasteEnd = "\e[201~";

    private readonly Decoder _decoder = new UTF8Encoding(false, throwOnInvalidBytes: false).GetDecoder();
    private readonly StringBuilder _sequence = new();
    private readonly StringBuilder _paste = new();
    private readonly StringBuilder _typed = new();
    private bool _isPasting;

    /// <summary>Whether more is wanted before what came is a key: if nothing comes for <see cref="Patience"/>, <see cref="Flush"/>.</summary>
    public bool IsWaiting => _isPasting || _sequence.Length > 0;

    /// <summary>How long to wait for more.</summary>
    public TimeSpan Patience => TimeSpan.FromMilliseconds(_isPasting ? 2000 : 80);

    /// <summary>Reads bytes, in whatever pieces they come.</summary>
    public IReadOnlyList<Key> Read(ReadOnlySpan<byte> bytes)
    {
        char[] characters = new char[_decoder.GetCharCount(bytes, flush: false)];
        _decoder.GetChars(bytes, characters, flush: false);
        List<Key> keys = [];
        foreach (char c in characters)
        {
            if (_isPasting)
                ReadPasted(c, keys);
            else if (_sequence.Length > 0)
                ReadSequence(c, keys);
            else
                ReadTyped(c, keys);
        }
        EndText(keys);
        return keys;
    }

    /// <summary>Nothing has come for a while: what is there is all.</summary>
    public IReadOnlyList<Key> Flush()
    {
        List<Key> keys = [];
        if (_isPasting)
            EndPaste(keys);
        else if (_sequence is { Length: 1 })
            keys.Add(new Key(KeyKind.Escape));
        _sequence.Clear();
        return keys;
    }

    /// <summary>Reads any bytes, for fuzzing: what comes out is bounded by what went in, and nothing stays locked.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        var reader = new KeyReader();
        int characters = reader.Read(input).Concat(reader.Flush()).Sum(static key => key.Text.Length);
        if (characters > input.Length + 1)
            throw new InvalidOperationException("More was read than was typed.");
        if (reader.IsWaiting || reader.Read("a"u8) is not [.., { Kind: KeyKind.Text }])
            throw new InvalidOperationException("The keyboard is locked.");
    }

    private void ReadTyped(char c, List<Key> keys)
    {
        if (!char.IsControl(c))
        {
            _typed.Append(c);
            return;
        }
        EndText(keys);
        switch (c)
        {
            case Escape:
                _sequence.Append(c);
                break;
            case '\r':
                keys.Add(new Key(KeyKind.Enter));
                break;
            case '\n':
                keys.Add(new Key(KeyKind.NewLine));
                break;
            case '\t':
                keys.Add(new Key(KeyKind.Tab));
                break;
            case '\b' or '\x7f':
                keys.Add(new Key(KeyKind.Backspace));
                break;
            case < ' ':
                keys.Add(new Key(KeyKind.Control, ((char)(c + '`')).ToString()));
                break;
        }
    }

    private void ReadSequence(char c, List<Key> keys)
    {
        if (c == Escape)
        {
            // The first was the key itself, or a sequence that broke off.
            keys.AddRange(Flush());
            _sequence.Append(c);
            return;
        }
        _sequence.Append(c);
        if (_sequence.Length == 2)
        {
            if (c is '[' or 'O')
                return;
            _sequence.Clear();
            if (c is '\r' or '\n')
                keys.Add(new Key(KeyKind.NewLine));
            else if (c is '\b' or '\x7f')
                keys.Add(new Key(KeyKind.Control, "w"));
            else if (!char.IsControl(c) && !char.IsSurrogate(c))
                keys.Add(new Key(KeyKind.Alt, c.ToString()));
            else
            {
                // Two keys, one at once after the other.
                keys.Add(new Key(KeyKind.Escape));
                ReadTyped(c, keys);
            }
            return;
        }
        bool isFinal = c is >= '@' and <= '~';
        if (!isFinal && _sequence.Length < SequenceCharacters && c is >= ' ' and < '@')
            return;
        string sequence = _sequence.ToString(2, _sequence.Length - 2);
        _sequence.Clear();
        if (sequence == "200~")
            _isPasting = true;
        else if (isFinal && KindOf(sequence) is { } kind)
            keys.Add(new Key(kind));
    }

    // Modifiers are parameters behind a semicolon: here they do not matter.
    private static KeyKind? KindOf(string sequence)
    {
        string number = sequence[..^1].Split(';')[0];
        return (sequence[^1], number) switch
        {
            ('A', _) => KeyKind.Up,
            ('B', _) => KeyKind.Down,
            ('C', _) => KeyKind.Right,
            ('D', _) => KeyKind.Left,
            ('H', _) or ('~', "1" or "7") => KeyKind.Home,
            ('F', _) or ('~', "4" or "8") => KeyKind.End,
            ('~', "3") => KeyKind.Delete,
            ('~', "5") => KeyKind.PageUp,
            ('~', "6") => KeyKind.PageDown,
            ('M', "") => KeyKind.Enter,
            _ => null,
        };
    }

    private void ReadPasted(char c, List<Key> keys)
    {
        if (_paste.Length < PasteCharacters + PasteEnd.Length)
            _paste.Append(c);
        else
            _paste.Remove(_paste.Length - PasteEnd.Length, 1).Append(c);
        if (c == '~' && EndsPaste())
        {
            _paste.Length -= PasteEnd.Length;
            EndPaste(keys);
        }
    }

    private bool EndsPaste()
    {
        if (_paste.Length < PasteEnd.Length)
            return false;
        for (int i = 0; i < PasteEnd.Length; i++)
        {
            if (_paste[_paste.Length - PasteEnd.Length + i] != PasteEnd[i])
                return false;
        }
        return true;
    }

    private void EndPaste(List<Key> keys)
    {
        _isPasting = false;
        keys.Add(new Key(KeyKind.Paste, _paste.ToString(0, Math.Min(_paste.Length, PasteCharacters)).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n')));
        _paste.Clear();
    }

    private void EndText(List<Key> keys)
    {
        if (_typed.Length == 0)
            return;
        keys.Add(new Key(KeyKind.Text, _typed.ToString()));
        _typed.Clear();
    }
}

using System.Text;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Text;

// Inside of one line: \x, `code`, **bold**, *italic*, _italic_, ~~strike~~, [text](target). Three passes over the line, each of them
// linear: find what every backtick run and bracket pairs with; pair the marks of emphasis; write the runs. Nothing is looked
// for again and again, which is how parsers of Markdown become quadratic.
//
// A link shows its true target beside its text unless the text is the target; only http, https and mailto are links. A mention shows the
// handle that it means. Everything else stays as it was written.

/// <summary>The spans of one line of Markdown. One use: one line.</summary>
internal sealed class MarkdownSpans
{
    private const int TargetLength = 2048;

    private readonly string _line;
    private readonly int[] _partner;
    private readonly Dictionary<int, RunStyle> _marks = [];
    private readonly List<StyledRun> _runs = [];
    private readonly StringBuilder _text = new();
    private RunStyle _style;

    private MarkdownSpans(string line)
    {
        _line = line;
        _partner = new int[line.Length];
    }

    public static IReadOnlyList<StyledRun> Read(string line)
    {
        var spans = new MarkdownSpans(line);
        spans.PairTicksAndBrackets();
        spans.PairMarks();
        spans.Write();
        return spans._runs;
    }

    private static bool IsEscapable(char c) => char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c));

    private bool IsEscape(int at) => _line[at] == '\\' && at + 1 < _line.Length && IsEscapable(_line[at + 1]);

    private int RunAt(int at) => _line.AsSpan(at).IndexOfAnyExcept(_line[at]) is var end and >= 0 ? end : _line.Length - at;

    // _partner[i]: for the first tick of a run, the first tick of the next run as long; for '[', its ']'; 0 for none, as nothing closes at 0.
    private void PairTicksAndBrackets()
    {
        var nextRun = new Dictionary<int, int>();
        for (int end = _line.Length; end > 0;)
        {
            int start = end - 1;
            if (_line[start] == '`')
            {
                while (start > 0 && _line[start - 1] == '`')
                    start--;
                if (nextRun.TryGetValue(end - start, out int partner))
                    _partner[start] = partner;
                nextRun[end - start] = start;
            }
            end = start;
        }

        var open = new Stack<int>();
        for (int at = 0; at < _line.Length; at++)
        {
            if (IsEscape(at))
                at++;
            else if (_line[at] == '`')
                at = AfterTicks(at) - 1;
            else if (_line[at] == '[')
                open.Push(at);
            else if (_line[at] == ']' && open.TryPop(out int opener))
                _partner[opener] = at;
        }
    }

    // Past a code span, or past a run of ticks that opens none.
    private int AfterTicks(int at) => Math.Max(at, _partner[at]) + RunAt(at);

    // The text of a link is written as it is, so marks neither open nor close in it.
    private void PairMarks()
    {
        var openers = new Dictionary<(char, int), int>();
        for (int at = 0; at < _line.Length;)
        {
            if (IsEscape(at))
                at += 2;
            else if (_line[at] == '`')
                at = AfterTicks(at);
            else if (TryLink(at, out _, out int after))
                at = after;
            else if (_line[at] is '*' or '_' or '~')
                at = PairRun(at, openers);
            else
                at++;
        }
    }

    private int PairRun(int at, Dictionary<(char, int), int> openers)
    {
        char mark = _line[at];
        int length = RunAt(at);
        int after = at + length;
        bool isMark = mark == '~' ? length == 2 : length <= 3;
        if (!isMark)
            return after;
        bool textBefore = at > 0 && _line[at - 1] != ' ';
        bool textAfter = after < _line.Length && _line[after] != ' ';
        bool wordBefore = at > 0 && char.IsLetterOrDigit(_line[at - 1]);
        bool wordAfter = after < _line.Length && char.IsLetterOrDigit(_line[after]);
        bool mayClose = textBefore && (mark != '_' || !wordAfter);
        bool mayOpen = textAfter && (mark != '_' || !wordBefore);
        if (mayClose && openers.Remove((mark, length), out int opener))
        {
            RunStyle style = mark == '~' ? RunStyle.Strike : length switch
            {
                1 => RunStyle.Italic,
                2 => RunStyle.Bold,
                _ => RunStyle.Bold | RunStyle.Italic,
            };
            _marks[opener] = style;
            _marks[at] = style;
        }
        else if (mayOpen)
        {
            openers[(mark, length)] = at;
        }
        return after;
    }

    private void Write()
    {
        for (int at = 0; at < _line.Length;)
        {
            if (IsEscape(at))
            {
                _text.Append(_line[at + 1]);
                at += 2;
            }
            else if (_line[at] == '`')
            {
                WriteTicks(ref at);
            }
            else if (TryLink(at, out string target, out int after))
            {
                WriteLink(Unescape(at + 1, _partner[at]), target);
                at = after;
            }
            else if (_marks.TryGetValue(at, out RunStyle style))
            {
                Flush();
                _style ^= style;
                at += RunAt(at);
            }
            else if (_line[at] is '*' or '_' or '~')
            {
                int length = RunAt(at);
                _text.Append(_line, at, length);
                at += length;
            }
            else
            {
                _text.Append(_line[at++]);
            }
        }
        Flush();
        if (_runs.Count == 0)
            _runs.Add(new StyledRun(""));
    }

    private void WriteTicks(ref int at)
    {
        int length = RunAt(at);
        int partner = _partner[at];
        if (partner == 0)
        {
            _text.Append(_line, at, length);
            at += length;
            return;
        }
        Flush();
        string code = _line[(at + length)..partner];
        _runs.Add(new StyledRun(code.Length > 2 && code[0] == ' ' && code[^1] == ' ' && code.Trim().Length > 0 ? code[1..^1] : code, _style | RunStyle.Code));
        at = partner + length;
    }

    private void WriteLink(string text, string target)
    {
        Flush();
        if (ContentUri.TryParseUser(target, out Handle user))
        {
            _runs.Add(new StyledRun($"@{user}", _style | RunStyle.Mention, target));
            return;
        }
        if (text != target && text.Trim().Length > 0)
        {
            _runs.Add(new StyledRun(text, _style | RunStyle.Link, target));
            _runs.Add(new StyledRun($" <{target}>", _style, target));
        }
        else
        {
            _runs.Add(new StyledRun(target, _style | RunStyle.Link, target));
        }
    }

    // [text](target): a target has no spaces, parentheses or angle brackets, so that one scan of it is seen by one link only.
    private bool TryLink(int at, out string target, out int after)
    {
        target = "";
        after = 0;
        if (_line[at] != '[' || _partner[at] is not (var close and > 0) || close + 2 >= _line.Length || _line[close + 1] != '(')
            return false;
        ReadOnlySpan<char> rest = _line.AsSpan(close + 2);
        int end = rest[..Math.Min(rest.Length, TargetLength + 1)].IndexOfAny(" ()<>");
        if (end <= 0 || rest[end] != ')')
            return false;
        target = rest[..end].ToString();
        after = close + 2 + end + 1;
        return IsTarget(target);
    }

    private static bool IsTarget(string target)
        => target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || target.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || target.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || ContentUri.TryParseUser(target, out _);

    private string Unescape(int start, int end)
    {
        var text = new StringBuilder();
        for (int at = start; at < end; at++)
        {
            if (IsEscape(at) && at + 1 < end)
                at++;
            text.Append(_line[at]);
        }
        return text.ToString();
    }

    private void Flush()
    {
        if (_text.Length == 0)
            return;
        _runs.Add(new StyledRun(_text.ToString(), _style));
        _text.Clear();
    }
}

using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Terminal.Conversation;

namespace HardwareChat.Terminal.Plain;

// Calm: what was written is never written over, nothing moves, no colours, no clock. A line that came in from elsewhere begins with what it is
// about, and a line that is an answer to a command with its words. So a screen reader reads it in order, and a program line by line.

/// <summary>Line mode: lines in, lines out, with every feature of the full screen.</summary>
internal sealed class PlainFace
{
    private readonly Desk _desk;
    private readonly FaceLoop _loop;
    private readonly PlainInput _input;
    private readonly TextWriter _output;
    private readonly TaskCompletionSource _left = new();
    private bool _isReading;

    /// <summary>A face over a desk.</summary>
    /// <param name="desk">What it shows.</param>
    /// <param name="loop">Where it lives.</param>
    /// <param name="input">Lines and secrets of the person.</param>
    /// <param name="output">Where lines go.</param>
    public PlainFace(Desk desk, FaceLoop loop, PlainInput input, TextWriter output)
    {
        _desk = desk;
        _loop = loop;
        _input = input;
        _output = output;
        desk.Told += Write;
        desk.Complained += text => Write([$"error: {text}"]);
        desk.Came += Show;
        desk.AskedChanged += ShowAsked;
        desk.LinkChanged += () => Write([$"connection: {desk.LinkText}"]);
        desk.Opened += ShowOpened;
        desk.Left += () => _left.TrySetResult();
    }

    /// <summary>Reads and does line after line, each to its end before the next is read, until the input ends or the person leaves.</summary>
    public async Task RunAsync()
    {
        string pending = "";
        await Task.WhenAny(_desk.FirstConnection, _left.Task);
        while (!_desk.IsLeaving)
        {
            _isReading = true;
            Task<string?> reading = _input.ReadLineAsync();
            await Task.WhenAny(reading, _left.Task);
            _isReading = false;
            if (_desk.IsLeaving)
                return;
            AnswerAsked();
            string? line = await reading;
            if (line is null)
            {
                if (pending.Length > 0)
                    await _desk.ExecuteAsync(pending);
                return;
            }
            if (line.Length > PlainInput.LineCharacters)
            {
                Write([$"error: a line has at most {PlainInput.LineCharacters} characters; it was not sent"]);
                pending = "";
                continue;
            }
            pending += line;
            if (pending.EndsWith('\\'))
            {
                // A line that goes on in the next.
                pending = pending[..^1] + "\n";
                continue;
            }
            string whole = pending;
            pending = "";
            await _desk.ExecuteAsync(whole);
            _desk.Seen();
        }
    }

    private void Show(DeskRoom room, HistoryItem item, ReceivedContent? cause)
    {
        string where = room == _desk.Open ? "" : $"[{room.Title}] ";
        if (_input.IsTerminal && item is HistoryItem.Said { IsOwn: true } && cause?.Content is MessageContent { Replaces: null })
            Write([$"{where}#{item.Sequence} sent"]);
        else
            Write([.. MessageLines.News(item, cause, withTime: false).Select(line => where + line)]);
        if (cause?.Content is StatusContent or ReactionContent or DeletionContent)
            return;
        bool isMention = item is HistoryItem.Said { IsOwn: false } && room.IsMentioned;
        if (_input.IsTerminal && isMention && room.Stored?.Notices != RoomNotices.None)
            _output.Write('\a');
        if (room == _desk.Open)
            _desk.Seen();
    }

    private void ShowOpened()
    {
        DeskRoom room = _desk.Open!;
        Write([$"Now in {room.Title}{(room.Trust is { Length: > 0 } trust ? $" ({trust})" : "")}{(room.Unread is > 0 and var unread ? $", {unread} unread: /history shows them" : "")}."]);
    }

    private void ShowAsked()
    {
        if (_desk.Touch is { } touch && _desk.Asked is null)
        {
            Write([$"touch your key: {HarmlessText.Line(touch.Purpose)} ({(_desk.TouchKey is null ? "" : "press t to touch it; ")}Ctrl-C gives up)"]);
            if (_desk.TouchKey is { } key && _input.IsTerminal && !_isReading)
                _loop.Watch(WatchKeysAsync(key, touch));
        }
        else if (_desk.Asked is { } && _isReading)
            Write([$"{HarmlessText.Line(_desk.Asked.Question)}: press Enter to be asked"]);
        else
            AnswerAsked();
    }

    // Not while a line is read: what is typed would be echoed.
    private void AnswerAsked()
    {
        while (_desk.Asked is { } asked)
        {
            string question = HarmlessText.Line(asked.Question);
            if (asked is SecretPrompt secret)
            {
                if (_input.ReadSecret(question, secret.IsPin, _output) is { } line)
                    secret.Give(line);
                else
                    asked.Leave();
            }
            else if (asked is ConfirmPrompt confirm)
            {
                _output.Write($"{question} (yes or no): ");
                _output.Flush();
                confirm.Give(_input.ReadLine() is { } answer && answer.Trim().Equals("yes", StringComparison.OrdinalIgnoreCase));
            }
            _desk.Answered(asked);
        }
    }

    // No line is read while a command waits for its touch, so the keys are free.
    private async Task WatchKeysAsync(TouchKey key, WantedTouch touch)
    {
        while (_desk.Touch == touch)
        {
            if (PlainInput.HasKey() is { } pressed && char.ToLowerInvariant(pressed) == 't')
                key.Press();
            await Task.Delay(50);
        }
    }

    private void Write(IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
            _output.WriteLine(line);
        _output.Flush();
    }
}

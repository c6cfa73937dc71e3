using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Screen;

namespace HardwareChat.Terminal.FullScreen;

/// <summary>The full screen: keys to the desk, and the desk to the screen.</summary>
internal sealed class FullScreenFace
{
    private const int ManyLines = 20;
    private const int Hits = 200;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Desk _desk;
    private readonly FaceLoop _loop;
    private readonly TerminalScreen _screen;
    private readonly Scene _scene = new();
    private readonly KeyReader _keys = new();
    private readonly Dictionary<RoomId, Timeline> _timelines = [];
    private readonly TaskCompletionSource _left = new();
    private readonly Action _interrupt;
    private IReadOnlyList<ulong> _hits = [];
    private int _hit;
    private int _typed;
    private DeskRoom? _shown;
    private bool _asksForMany;
    private bool _isSuspended;

    /// <summary>A face over a desk.</summary>
    /// <param name="desk">What it shows.</param>
    /// <param name="loop">Where it lives.</param>
    /// <param name="screen">Where it shows it; stays the caller's.</param>
    /// <param name="interrupt">Ctrl-C, before there is anything else to give up.</param>
    public FullScreenFace(Desk desk, FaceLoop loop, TerminalScreen screen, Action interrupt)
    {
        _desk = desk;
        _loop = loop;
        _screen = screen;
        _interrupt = interrupt;
        desk.Told += Tell;
        desk.Complained += text => _scene.Notice = (text, true);
        desk.Came += Show;
        desk.AskedChanged += ShowAsked;
        desk.Opened += ShowOpened;
        desk.Left += () => _left.TrySetResult();
        loop.Rested += Draw;
        TerminalScreen.ReadKeys(bytes => loop.Post(() => Take(bytes)));
    }

    /// <summary>Lives until the person leaves.</summary>
    public Task RunAsync() => _desk.IsLeaving ? Task.CompletedTask : _left.Task;

    /// <summary>Draws, if the screen is shown.</summary>
    public void Draw()
    {
        if (_isSuspended || _desk.IsLeaving)
            return;
        (int width, int height) = TerminalScreen.Size;
        _screen.Show(Picture.Draw(_desk, _scene, width, height));
        if (_scene.Timeline?.IsAtEnd == true)
            _desk.Seen();
    }

    /// <summary>Stops the program, as Ctrl-Z does.</summary>
    public void Suspend()
    {
        _isSuspended = true;
        _screen.Suspend();
    }

    /// <summary>Goes on after a stop, whoever stopped it.</summary>
    public void Resume()
    {
        _isSuspended = false;
        _screen.Enter();
    }

    private void Take(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            _desk.Leave();
            return;
        }
        _typed++;
        foreach (Key key in _keys.Read(bytes))
            Take(key);
        if (_keys.IsWaiting)
            _loop.Watch(FlushAsync(_typed));
    }

    private async Task FlushAsync(int typed)
    {
        await Task.Delay(_keys.Patience);
        if (typed != _typed)
            return;
        foreach (Key key in _keys.Flush())
            Take(key);
    }

    private void Take(Key key)
    {
        if (key is { Kind: KeyKind.Control, Text: "z" })
            Suspend();
        else if (key is { Kind: KeyKind.Control, Text: "l" })
            _screen.Forget();
        else if (key is { Kind: KeyKind.Control, Text: "c" })
            Interrupt();
        else if (_desk.Asked is { } asked)
            TakeAnswer(asked, key);
        else if (_desk.Touch is not null && key.Kind == KeyKind.Escape)
            _desk.GiveUp();
        else if (_desk.Touch is not null && _desk.TouchKey is { } button && key is { Kind: KeyKind.Text, Text: "t" or "T" })
            button.Press();
        else if (!TakeMove(key))
            TakeText(key);
    }

    private void Interrupt()
    {
        if (_desk.GiveUp())
            return;
        if (!_desk.IsReady)
        {
            _interrupt();
        }
        else if (_scene.Composer.Text.Length > 0)
        {
            _scene.Composer.Set("");
            _scene.IsSearching = false;
        }
        else
        {
            _scene.Notice = ("/quit, or Ctrl-D, ends the program", false);
        }
    }

    private void TakeAnswer(Prompt asked, Key key)
    {
        if (key.Kind == KeyKind.Escape)
        {
            _desk.GiveUp();
            return;
        }
        if (asked is ConfirmPrompt confirm)
        {
            if (key is { Kind: KeyKind.Text, Text: "y" or "Y" or "n" or "N" })
            {
                confirm.Give(key.Text is "y" or "Y");
                _desk.Answered(asked);
            }
            return;
        }
        _scene.Secret ??= new SecretLine();
        switch (key.Kind)
        {
            case KeyKind.Text or KeyKind.Paste:
                _scene.Secret.Append(key.Text);
                break;
            case KeyKind.Backspace:
                _scene.Secret.Backspace();
                break;
            case KeyKind.Enter:
                ((SecretPrompt)asked).Give(_scene.Secret);
                _scene.Secret = null;
                _desk.Answered(asked);
                break;
        }
    }

    // Keys that move about; false for those that write.
    private bool TakeMove(Key key)
    {
        (int width, int height) = TerminalScreen.Size;
        int page = Math.Max(1, height - 5);
        switch (key)
        {
            case { Kind: KeyKind.PageUp or KeyKind.PageDown } when _scene.Panel.Count > 0:
                _scene.PanelTop += key.Kind == KeyKind.PageUp ? -page : page;
                return true;
            case { Kind: KeyKind.PageUp or KeyKind.PageDown }:
                _scene.Timeline?.Scroll(key.Kind == KeyKind.PageUp ? page : -page, Picture.TimelineWidth(width));
                return true;
            case { Kind: KeyKind.End } when _scene.Timeline is { IsAtEnd: false } timeline:
                timeline.ToEnd();
                return true;
            case { Kind: KeyKind.Escape }:
                PutAway();
                return true;
            case { Kind: KeyKind.Control, Text: "p" or "n" }:
                OpenBeside(key.Text == "p" ? -1 : 1);
                return true;
            case { Kind: KeyKind.Alt, Text: "a" }:
                if (_desk.Rooms.FirstOrDefault(room => room != _desk.Open && room.Unread > 0) is { } unread)
                    _desk.OpenRoom(unread);
                return true;
            case { Kind: KeyKind.Alt, Text: [>= '1' and <= '9'] }:
                if (key.Text[0] - '1' is var number && number < _desk.Rooms.Count)
                    _desk.OpenRoom(_desk.Rooms[number]);
                return true;
            case { Kind: KeyKind.Control, Text: "f" } when _scene.Composer.Text.Length == 0 || _scene.IsSearching:
                if (_scene.IsSearching && _hits.Count > 0)
                    GoToHit(_hit + 1);
                _scene.IsSearching = _scene.Timeline is not null;
                return true;
            case { Kind: KeyKind.Up or KeyKind.Down } when _scene.IsSearching && _hits.Count > 0:
                GoToHit(_hit + (key.Kind == KeyKind.Up ? 1 : -1));
                return true;
            case { Kind: KeyKind.Control, Text: "d" } when _scene.Composer.Text.Length == 0:
                _desk.Leave();
                return true;
            default:
                return false;
        }
    }

    private void TakeText(Key key)
    {
        if (key.Kind == KeyKind.Enter)
        {
            Send();
            return;
        }
        _scene.Notice = ("", false);
        _asksForMany = false;
        if (key.Kind == KeyKind.Tab)
        {
            IReadOnlyList<string> choices = Completion.Complete(_scene.Composer, _desk);
            if (choices.Count > 0)
                _scene.Notice = (HarmlessText.Line(string.Join("  ", choices)), false);
        }
        else if (_scene.Composer.Edit(key) && key.Kind == KeyKind.Paste && key.Text.Length >= KeyReader.PasteCharacters)
        {
            _scene.Notice = ("only the beginning was pasted: it was longer than a message can ever be", true);
        }
        if (_scene.IsSearching)
            _hits = [];
    }

    private void Send()
    {
        if (_scene.IsSearching)
        {
            Find(_scene.Composer.Text);
            return;
        }
        int lines = _scene.Composer.Text.AsSpan().Count('\n') + 1;
        if (lines >= ManyLines && !_asksForMany)
        {
            _asksForMany = true;
            _scene.Notice = ($"{lines} lines: Enter again sends them as one message, Ctrl-C takes them away", true);
            return;
        }
        _asksForMany = false;
        _scene.Notice = ("", false);
        _scene.Panel = [];
        string text = _scene.Composer.Take();
        _scene.Timeline?.ToEnd();
        _loop.Watch(_desk.ExecuteAsync(text));
    }

    private void Find(string words)
    {
        if (_hits.Count > 0)
        {
            GoToHit(_hit + 1);
            return;
        }
        if (_desk.Open is not { } room || words.Trim().Length == 0)
            return;
        _hits = words.StartsWith('#') && new CommandText(words).Place() is { } place ? [place] : [.. _desk.Client.Search(words, room.Id, Hits).Select(static message => message.Sequence)];
        GoToHit(0);
    }

    private void GoToHit(int hit)
    {
        if (_hits.Count == 0 || _scene.Timeline is not { } timeline)
        {
            _scene.Notice = ("nothing found", true);
            return;
        }
        _hit = Math.Clamp(hit, 0, _hits.Count - 1);
        timeline.Marked = _hits[_hit];
        timeline.To(_hits[_hit]);
        _scene.Notice = ($"{_hit + 1} of {_hits.Count}, newest first: Enter or Up for older, Down for newer, Esc ends", false);
    }

    private void PutAway()
    {
        if (_scene.IsSearching)
        {
            _scene.IsSearching = false;
            _scene.Composer.Set("");
            _hits = [];
            if (_scene.Timeline is { } timeline)
                timeline.Marked = null;
        }
        _scene.Panel = [];
        _scene.Notice = ("", false);
    }

    private void OpenBeside(int step)
    {
        if (_desk.Rooms.Count == 0)
            return;
        int at = _desk.Open is { } open ? _desk.Rooms.ToList().IndexOf(open) : 0;
        _desk.OpenRoom(_desk.Rooms[(at + step + _desk.Rooms.Count) % _desk.Rooms.Count]);
    }

    private void Tell(IReadOnlyList<string> lines)
    {
        if (lines is [var only] && Cells.Width(HarmlessText.Line(only)) <= TerminalScreen.Size.Width)
        {
            _scene.Notice = (HarmlessText.Line(only), false);
            return;
        }
        _scene.Panel = lines;
        _scene.PanelTop = 0;
    }

    private void Show(DeskRoom room, HistoryItem item, ReceivedContent? cause)
    {
        if (item is not HistoryItem.Said { IsOwn: false } || cause?.Content is not MessageContent { Replaces: null })
            return;
        RoomNotices notices = room.Stored?.Notices ?? RoomNotices.All;
        if (notices != RoomNotices.None && (room.IsMentioned || (notices == RoomNotices.All && room != _desk.Open)))
            _screen.Ring();
    }

    private void ShowOpened()
    {
        DeskRoom room = _desk.Open!;
        if (_shown != room)
        {
            // What was written stays with its room.
            if (_shown is not null)
                _shown.Draft = _scene.IsSearching ? "" : _scene.Composer.Text;
            _scene.Composer.Set(room.Draft);
            _shown = room;
        }
        if (!_timelines.TryGetValue(room.Id, out Timeline? timeline))
            _timelines[room.Id] = timeline = new Timeline(room.History, _desk.Own);
        timeline.NewFrom = room.Unread > 0 ? room.UnreadFrom : null;
        timeline.ToEnd();
        _scene.Timeline = timeline;
        _scene.Panel = [];
        _hits = [];
        _scene.IsSearching = false;
    }

    private void ShowAsked()
    {
        _scene.Secret?.Dispose();
        _scene.Secret = null;
        if (_desk.Asked is null && _desk.Touch is null)
            return;
        _screen.Ring();
        if (_desk.Touch is { } touch)
            _loop.Watch(CountDownAsync(touch));
    }

    // Nothing moves but while a touch is waited for.
    private async Task CountDownAsync(WantedTouch touch)
    {
        while (_desk.Touch == touch)
            await Task.Delay(Second);
    }
}

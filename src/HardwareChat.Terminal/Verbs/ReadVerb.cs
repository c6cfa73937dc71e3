using System.CommandLine;
using System.Text;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Verbs;

/// <summary>hwchat read ROOM</summary>
internal static class ReadVerb
{
    private const int PageSize = 100;
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(1);

    private static readonly Option<ulong?> Since = new("--since") { Description = "The number of the last entry that is known: what comes after it is printed." };
    private static readonly Option<int> Count = new("--count") { Description = "At most so many entries, the newest.", DefaultValueFactory = static _ => 50 };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with what comes, until Ctrl-C or until nobody reads any more." };

    /// <summary>The verb.</summary>
    public static Command Create(Interruption interruption)
    {
        Command command = VerbOptions.Create("read", "Prints what was said in a room; nobody is told that it was read.", VerbOptions.Room, Since, Count, Follow, VerbOptions.Offline);
        command.SetAction((parsed, _) => OneShot.RunAsync(parsed, RunAsync, interruption.Token));
        return command;
    }

    private static async Task<int> RunAsync(OneShot run)
    {
        int count = run.Parsed.GetValue(Count);
        if (count is < 0 or > 100_000)
            throw new ProgramException(FailureCode.BadValue, "--count is 0 to 100000");
        RoomId room = (await run.RoomNamedAsync()).Id;
        int code = await run.TryConnectAsync(room);
        ulong next = run.Parsed.GetValue(Since) is { } since
            ? checked(since + 1)
            : run.Client.History(room, ulong.MaxValue, count) is [var first, ..] ? first.Sequence : run.Client.Rooms.First(stored => stored.Id == room).NextSequence;
        var printer = new RoomPrinter(run, room, next);
        if (!run.Parsed.GetValue(Follow))
        {
            printer.PrintAll();
            return code;
        }
        while (!StandardOutput.IsClosed())
        {
            printer.PrintNew();
            if (run.Client.Rooms.FirstOrDefault(stored => stored.Id == room) is { Standing: RoomStanding.Left })
                throw new ProgramException(FailureCode.RoomUnknown, "you are not in this room any more");
            await run.NewsAsync(Breath);
        }
        return ExitCode.PipeClosed;
    }

    /// <summary>Prints a room's log from a place on.</summary>
    private sealed class RoomPrinter
    {
        private readonly OneShot _run;
        private readonly RoomId _room;
        private readonly RoomHistory _history;
        private ulong _next;

        public RoomPrinter(OneShot run, RoomId room, ulong next)
        {
            (_run, _room, _next) = (run, room, next);
            _history = new RoomHistory(run.Client.Handle ?? default, (before, count) => run.Client.History(room, Math.Min(before, next), count), handle => run.Client.Registry.User(handle)?.Role == Role.Bot);

            // For what is answered, edited or taken back: as far as a person looks back at first.
            _history.LoadOlder();
        }

        // What was said as it is now: edits and reactions where they belong.
        public void PrintAll()
        {
            if (_run.IsJson)
            {
                PrintNew();
                return;
            }
            ulong from = _next;
            while (Page() is [_, ..] page)
            {
                foreach (StoredMessage stored in page)
                    Take(stored);
            }
            OneShot.Write(_history.Items.Where(item => item.Sequence >= from).SelectMany(static item => MessageLines.PlainLines(item, withTime: true)));
        }

        // What has come, each in its turn.
        public void PrintNew()
        {
            while (Page() is [_, ..] page)
            {
                foreach (StoredMessage stored in page)
                {
                    if (_run.IsJson && MessageText.ContentOf(stored) is not HelloContent)
                        OneShot.Write(_run.Form.Of(stored));
                    else if (!_run.IsJson)
                        OneShot.Write([.. Take(stored)]);
                }
            }
        }

        private IReadOnlyList<StoredMessage> Page()
        {
            IReadOnlyList<StoredMessage> page = _run.Client.HistoryFrom(_room, _next, PageSize);
            if (page is [.., var last])
                _next = last.Sequence + 1;
            return page;
        }

        private List<string> Take(StoredMessage stored)
        {
            if (stored.Kind != MessageKind.Content)
            {
                string text = Encoding.UTF8.GetString(stored.Content.Span);
                HistoryItem note = stored.Kind == MessageKind.Notice
                    ? new HistoryItem.Happened(stored.Sequence, stored.Time, text)
                    : new HistoryItem.NotShown(stored.Sequence, stored.Time, text);
                _history.Take(note);
                return [.. MessageLines.PlainLines(note, withTime: true)];
            }
            if (stored.Sender is not { } sender || stored.Id.Length != MessageId.Size)
                return [];
            var received = new ReceivedContent(MessageId.FromBytes(stored.Id.Span), sender, stored.Sequence, stored.Time, MessageText.ContentOf(stored) ?? new MessageContent("", TextFormat.Plain));
            return [.. _history.Take(received).SelectMany(item => MessageLines.News(item, received, withTime: true))];
        }
    }
}

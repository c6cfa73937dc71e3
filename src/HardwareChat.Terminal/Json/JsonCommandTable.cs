using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Json;

/// <summary>The commands of JSON mode: done, checked and documented from this one table.</summary>
internal static class JsonCommandTable
{
    /// <summary>The commands, in the order of the documentation.</summary>
    public static IReadOnlyList<JsonCommand> All { get; } =
    [
        new("subscribe", [], ["rooms", "since"], "From now on events are told, from behind `since`. The answer has the `cursor` behind which they begin.", Repetition.NoKey, Subscribe) { NeedsRelay = false },
        new("ack", ["cursor"], [], "The program has everything up to this event; after a restart it is told what comes behind.", Repetition.NoKey, Ack) { NeedsRelay = false },
        new("send", ["room", "text"], ["format", "reply_to"], "Says something. The answer has `msg`; and `state`: `stored` with `seq` when it is on the relay's disk, or `queued` with `why` when it is in the outbox and goes out by itself.", Repetition.Message, Send),
        new("edit", ["room", "msg", "text"], ["format"], "Says a message of one's own anew. Answered as `send`.", Repetition.Message, Edit),
        new("delete", ["room", "msg"], [], "Takes a message of one's own back, for everybody. Answered as `send`.", Repetition.Message, Delete),
        new("react", ["room", "msg", "emoji"], [], "Reacts to a message. Answered as `send`.", Repetition.Message, React),
        new("title", ["room", "title"], [], "Gives a room its title. Answered as `send`.", Repetition.Message, Title),
        new("history", ["room"], ["before", "from", "count"], "What stands in a room's log, as it is kept now: `entries`, each as its event, oldest first; the last ones, or those before or from a `seq`. `more` says that there is more.", Repetition.NoKey, History) { NeedsRelay = false },
        new("search", ["query"], ["room", "count"], "Messages that hold all words, newest first: `entries`.", Repetition.NoKey, Search) { NeedsRelay = false },
        new("mark", ["room", "seq"], [], "A room has been seen up to a `seq`, and without it. Tells nobody.", Repetition.NoKey, Mark),
        new("outbox", [], [], "What waits to be sent: `outbox`, each `waiting` or `failed`.", Repetition.NoKey, Outbox) { NeedsRelay = false },
        new("room.list", [], [], "One's `rooms`, and open `invitations`.", Repetition.NoKey, Rooms) { NeedsRelay = false },
        new("room.create", ["title"], ["door", "phrase"], "Founds a room, with a touch. The answer has its `room`.", Repetition.Unknown, Create),
        new("room.join", ["room"], ["phrase"], "Enters a room by its door, with a touch. `heard` is false where nobody has answered yet, which a wrong phrase looks like too.", Repetition.Again, Join),
        new("room.accept", ["room"], [], "Accepts an invitation.", Repetition.Again, Accept),
        new("room.add", ["room", "handles"], [], "Adds users, who get an invitation.", Repetition.Again, Add),
        new("room.remove", ["room", "handle"], ["ban"], "Removes a user.", Repetition.Again, Remove),
        new("room.leave", ["room"], [], "Leaves a room: another member lets this person go. `left` says whether one has, or will when it is there.", Repetition.Again, Leave),
        new("file.put", ["room", "path"], ["text"], "Sends a file of this machine, with `text`. Answered as `send`, when it is stored; `progress` says how far it is.", Repetition.Unknown, Put),
        new("file.get", ["room", "msg", "folder"], ["file"], "Saves a message's file into a folder, under its sender's name for it made harmless, never over another. The answer has its `path`.", Repetition.Again, Get),
        new("who", ["room"], [], "Who is in a room: `people`, with what was compared of each (`verified`: `yes`, `no`, `own`, or `changed` since).", Repetition.NoKey, Who),
        new("people", [], [], "Everybody in the community: `people`, with their `role`.", Repetition.NoKey, People) { NeedsRelay = false },
        new("status", [], [], "Who this is, the connection, the verified registry, and the `cursor` of the newest event.", Repetition.NoKey, Status) { NeedsRelay = false },
        new("connect", [], [], "Connects again, with a touch if the last one is over.", Repetition.NoKey, Connect),
        new("renew", [], [], "Goes on under a new touch, in the connection and in every room, before the last one is over.", Repetition.NoKey, Renew),
        new("token.give_up", [], [], "Gives up the touch that the token waits for.", Repetition.NoKey, GiveUp) { NeedsRelay = false },
    ];

    /// <summary>The command of that name; null if there is none.</summary>
    public static JsonCommand? Find(string name) => All.FirstOrDefault(command => command.Name == name);

    private static Task<AnswerLine?> Done(AnswerLine answer) => Task.FromResult<AnswerLine?>(answer);

    private static Task<AnswerLine?> Subscribe(JsonSession session, JsonRequest request)
    {
        EventCursors cursors = session.Client.EventCursors;
        ulong since = request.Find("since") switch
        {
            null => cursors.Acknowledged < cursors.Oldest ? cursors.Oldest : cursors.Acknowledged,
            "start" => cursors.Oldest,
            "now" => cursors.Last,
            var words => Known(cursors, "since", words),
        };
        if (since < cursors.Oldest)
            throw new ProgramException(FailureCode.CursorGone, $"what came after {request.Find("since")} is not all kept any more; {EventForm.Cursor(cursors.Oldest)} is the oldest");
        HashSet<RoomId>? rooms = request.List("rooms") is { } names && !names.Contains("*") ? [.. names.Select(static name => JsonRequest.RoomOf("rooms", name))] : null;

        // The answer first, then the events.
        session.Answer(request.Id, new AnswerLine(true) { Cursor = EventForm.Cursor(since) });
        session.Subscribe(rooms, since);
        return Task.FromResult<AnswerLine?>(null);
    }

    private static Task<AnswerLine?> Ack(JsonSession session, JsonRequest request)
    {
        ulong cursor = Known(session.Client.EventCursors, "cursor", request.Text("cursor"));
        session.Client.AcknowledgeEvents(cursor);
        return Done(new AnswerLine(true) { Cursor = EventForm.Cursor(cursor) });
    }

    private static ulong Known(EventCursors cursors, string field, string words)
    {
        ulong cursor = EventForm.CursorOf(words) ?? throw JsonRequest.Bad(field, "is a cursor, as c:12");
        return cursor <= cursors.Last ? cursor : throw new ProgramException(FailureCode.CursorUnknown, $"no event has had the cursor {words} yet; the newest is {EventForm.Cursor(cursors.Last)}");
    }

    private static async Task<AnswerLine?> Send(JsonSession session, JsonRequest request)
    {
        RoomId room = Joined(session, request);
        MessageId? answered = request.Message("reply_to");
        if (answered is { } target)
            Message(session, room, target);
        return await session.SendAsync(room, Words(session, request) with { InReplyTo = answered }, request);
    }

    private static async Task<AnswerLine?> Edit(JsonSession session, JsonRequest request)
    {
        RoomId room = Joined(session, request);
        MessageId target = Own(session, room, request.Message("msg")!.Value);
        return await session.SendAsync(room, Words(session, request) with { Replaces = target }, request);
    }

    private static async Task<AnswerLine?> Delete(JsonSession session, JsonRequest request)
    {
        RoomId room = Joined(session, request);
        return await session.SendAsync(room, new DeletionContent(Own(session, room, request.Message("msg")!.Value)), request);
    }

    private static async Task<AnswerLine?> React(JsonSession session, JsonRequest request)
    {
        RoomId room = Joined(session, request);
        MessageId target = request.Message("msg")!.Value;
        string emoji = HarmlessText.Line(request.Text("emoji"));
        if (emoji.Length == 0 || Cells.NextCluster(emoji) != emoji.Length || System.Text.Encoding.UTF8.GetByteCount(emoji) > ContentLimits.ReactionBytes)
            throw JsonRequest.Bad("emoji", "is one character");
        Message(session, room, target);
        return await session.SendAsync(room, new ReactionContent(target, emoji), request);
    }

    private static async Task<AnswerLine?> Title(JsonSession session, JsonRequest request)
    {
        RoomId room = Joined(session, request);
        return await session.SendAsync(room, new TitleContent(TitleOf(request)), request);
    }

    private static MessageContent Words(JsonSession session, JsonRequest request)
    {
        string text = request.Text("text");
        if (text.Length == 0)
            throw JsonRequest.Bad("text", "is empty");
        if (System.Text.Encoding.UTF8.GetByteCount(text) > ContentLimits.TextBytes)
            throw JsonRequest.Bad("text", $"has at most {ContentLimits.TextBytes} bytes");
        return request.Find("format") switch
        {
            null or "markdown" => Composition.Of(session.Client.Registry, text),
            "plain" => new MessageContent(text, TextFormat.Plain),
            _ => throw JsonRequest.Bad("format", "is markdown or plain"),
        };
    }

    private static string TitleOf(JsonRequest request)
        => request.Text("title") is { Length: > 0 } title && System.Text.Encoding.UTF8.GetByteCount(title) <= ContentLimits.TitleBytes
            ? title
            : throw JsonRequest.Bad("title", $"has 1 to {ContentLimits.TitleBytes} bytes");

    private static Task<AnswerLine?> History(JsonSession session, JsonRequest request)
    {
        RoomId room = Known(session, request);
        int count = request.Count();
        if (request.Number("from") is { } from)
        {
            if (request.Number("before") is not null)
                throw JsonRequest.Bad("from", "and \"before\" cannot both be given");
            return Done(Page(session, [.. session.Client.HistoryFrom(room, from, count)], count));
        }

        // The newest of them fit for sure, so the page is filled from its end.
        AnswerLine page = Page(session, [.. session.Client.History(room, request.Number("before") ?? ulong.MaxValue, count).Reverse()], count);
        return Done(page with { Entries = [.. page.Entries!.Reverse()] });
    }

    private static Task<AnswerLine?> Search(JsonSession session, JsonRequest request)
    {
        int count = request.Count();
        RoomId? room = request.Find("room") is null ? null : Known(session, request);
        return Done(Page(session, session.Client.Search(request.Text("query"), room, count), count));
    }

    private static AnswerLine Page(JsonSession session, IReadOnlyList<StoredMessage> found, int count)
    {
        List<EventLine> entries = [];
        int bytes = 0;
        foreach (StoredMessage message in found.TakeWhile(_ => bytes < JsonLimits.PageBytes))
        {
            bytes += message.Content.Length;
            if (message.Kind != MessageKind.Content || MessageText.ContentOf(message) is not HelloContent)
                entries.Add(session.Form.Of(message));
        }
        return new AnswerLine(true) { Entries = entries, More = found.Count == count || bytes >= JsonLimits.PageBytes };
    }

    private static async Task<AnswerLine?> Mark(JsonSession session, JsonRequest request)
    {
        await session.Client.MarkReadAsync(Known(session, request), request.Number("seq")!.Value);
        return new AnswerLine(true);
    }

    private static Task<AnswerLine?> Outbox(JsonSession session, JsonRequest request) => Done(new AnswerLine(true)
    {
        Outbox = [.. session.Client.Outbox.Select(static queued => new QueuedPart(
            queued.Room.ToString(), Convert.ToHexStringLower(queued.MessageId.Span), queued.State == OutboxState.Failed ? "failed" : "waiting", queued.Failure.Length > 0 ? queued.Failure : null))],
    });

    private static Task<AnswerLine?> Rooms(JsonSession session, JsonRequest request) => Done(new AnswerLine(true)
    {
        Rooms = [.. session.Client.Rooms.Select(RoomForm.Of)],
        Invitations = [.. session.Invitations.Select(static open => new InvitationPart(open.Key.ToString(), open.Value.ToString()))],
    });

    private static async Task<AnswerLine?> Create(JsonSession session, JsonRequest request)
    {
        string title = TitleOf(request);
        Door door = request.Find("door") switch
        {
            null or "closed" => new Door.Closed(),
            "open" => new Door.Everybody(),
            "phrase" => new Door.Phrase(PhraseParameters.Create(1)),
            _ => throw JsonRequest.Bad("door", "is closed, open or phrase"),
        };
        if (door is Door.Phrase != request.Phrase is not null)
            throw JsonRequest.Bad("phrase", "is for a door that asks for one, and wanted there");
        RoomId room = await session.Client.CreateRoomAsync(title, new RoomSettings(door, HardwareChat.Protocol.Who.Admins, []), PhraseOf(request));
        return new AnswerLine(true) { Room = room.ToString() };
    }

    private static async Task<AnswerLine?> Join(JsonSession session, JsonRequest request)
    {
        RoomId room = request.Room();
        if (session.Client.Rooms.Any(stored => stored.Id == room && stored.Standing == RoomStanding.Joined))
            return new AnswerLine(true) { Room = room.ToString(), Heard = true };
        (RoomTerms terms, _) = await session.Client.LookAtAsync(room);
        if (terms.Policy.Door is Door.Closed)
            throw new ProgramException(FailureCode.RoomRefused, "the door of that room is closed: somebody in it has to add you");
        if (terms.Policy.Door is Door.Phrase && request.Phrase is null)
            throw new ProgramException(FailureCode.MissingField, "the door of that room asks for its phrase");
        bool heard = await session.Client.JoinAsync(room, terms.Policy.Door is Door.Phrase ? PhraseOf(request) : null);
        return new AnswerLine(true) { Room = room.ToString(), Heard = heard };
    }

    private static ReadOnlyMemory<char>? PhraseOf(JsonRequest request) => request.Phrase switch
    {
        null => null,
        { } phrase when Phrase.IsPhrase(phrase.Memory.Span) => phrase.Memory,
        _ => throw JsonRequest.Bad("phrase", "is empty, or has characters that cannot be typed the same way everywhere"),
    };

    private static async Task<AnswerLine?> Accept(JsonSession session, JsonRequest request)
    {
        RoomId room = request.Room();
        if (!session.Client.Rooms.Any(stored => stored.Id == room && stored.Standing is RoomStanding.Joined or RoomStanding.Entering))
            await session.Client.AcceptAsync(room);
        session.Invitations.TryRemove(room, out _);
        return new AnswerLine(true) { Room = room.ToString() };
    }

    private static async Task<AnswerLine?> Add(JsonSession session, JsonRequest request)
    {
        RoomId room = Joined(session, request);
        Handle[] handles = [.. request.List("handles")!.Select(static handle => JsonRequest.HandleOf("handles", handle)).Distinct()];
        if (handles.Length == 0)
            throw JsonRequest.Bad("handles", "is empty");
        foreach (Handle handle in handles)
        {
            if (session.Client.Registry.User(handle) is null)
                throw JsonRequest.Bad("handles", $"names {handle}, who is not in the community");
        }
        IReadOnlyList<Member> members = await session.Client.MembersAsync(room);
        Handle[] missing = [.. handles.Where(handle => !members.Any(member => member.Handle == handle))];
        if (missing.Length > 0)
            await session.Client.AddAsync(room, missing);
        return new AnswerLine(true);
    }

    private static async Task<AnswerLine?> Remove(JsonSession session, JsonRequest request)
    {
        RoomId room = Joined(session, request);
        Handle handle = JsonRequest.HandleOf("handle", request.Text("handle"));
        if ((await session.Client.MembersAsync(room)).Any(member => member.Handle == handle))
            await session.Client.RemoveAsync(room, handle, request.Flag("ban"));
        return new AnswerLine(true);
    }

    private static async Task<AnswerLine?> Leave(JsonSession session, JsonRequest request)
    {
        RoomId room = Known(session, request);
        bool isIn = session.Client.Rooms.Any(stored => stored.Id == room && stored.Standing != RoomStanding.Left);
        return new AnswerLine(true) { Room = room.ToString(), Left = !isIn || await session.Client.LeaveAsync(room) };
    }

    private static async Task<AnswerLine?> Put(JsonSession session, JsonRequest request)
    {
        RoomId room = Joined(session, request);
        string path = request.Text("path");
        if (!File.Exists(path))
            throw new ProgramException(FailureCode.File, $"there is no file {path}");
        MessageId id = await session.Client.SendFileAsync(room, path, request.Find("text") ?? "", session.ProgressOf(request, new FileInfo(path).Length));
        return AnswerLine.Of(SentMessage.Of(session.Client, room, id, null));
    }

    private static async Task<AnswerLine?> Get(JsonSession session, JsonRequest request)
    {
        RoomId room = Known(session, request);
        MessageId id = request.Message("msg")!.Value;
        if (request.Number("file") is > int.MaxValue)
            throw JsonRequest.Bad("file", "is one of the message's files");
        int index = (int)(request.Number("file") ?? 0);
        var content = MessageText.ContentOf(Message(session, room, id)) as MessageContent;
        if (content is null || index >= content.Attachments.Count)
            throw new ProgramException(FailureCode.MessageUnknown, "the message names no such file");
        string path = await session.Client.SaveFileAsync(room, id, index, request.Text("folder"), session.ProgressOf(request, (long)content.Attachments[index].Size));
        return new AnswerLine(true) { Path = path };
    }

    private static async Task<AnswerLine?> Renew(JsonSession session, JsonRequest request)
    {
        await session.Client.RenewAsync();
        return new AnswerLine(true) { Link = session.Link.State };
    }

    private static async Task<AnswerLine?> Who(JsonSession session, JsonRequest request)
    {
        RoomId room = Joined(session, request);
        return new AnswerLine(true) { People = PersonForm.Of(session.Client, await session.Client.MembersAsync(room)) };
    }

    private static Task<AnswerLine?> People(JsonSession session, JsonRequest request) => Done(new AnswerLine(true)
    {
        People = [.. session.Client.Registry.Users.Values.OrderBy(static user => user.Handle).Select(user => PersonForm.Of(session.Client, user.Handle) with { Role = PersonForm.WordOf(user.Role) })],
    });

    private static Task<AnswerLine?> Status(JsonSession session, JsonRequest request)
    {
        RegistryState registry = session.Client.Registry;
        return Done(new AnswerLine(true)
        {
            User = session.Client.Handle?.ToString(),
            Token = session.Client.Token.ToString(),
            Registry = registry.Id.ToString(),
            RegistrySize = registry.Size,
            Link = session.Link.State,
            Why = session.Link.Why,
            Cursor = EventForm.Cursor(session.Client.EventCursors.Last),
        });
    }

    private static async Task<AnswerLine?> Connect(JsonSession session, JsonRequest request)
    {
        await session.ConnectAsync();
        return new AnswerLine(true) { Link = session.Link.State };
    }

    private static Task<AnswerLine?> GiveUp(JsonSession session, JsonRequest request)
    {
        session.GiveUp();
        return Done(new AnswerLine(true));
    }

    private static RoomId Known(JsonSession session, JsonRequest request)
    {
        RoomId room = request.Room();
        return session.Client.Rooms.Any(stored => stored.Id == room) ? room : throw Unknown();
    }

    private static RoomId Joined(JsonSession session, JsonRequest request)
    {
        RoomId room = request.Room();
        return session.Client.Rooms.Any(stored => stored.Id == room && stored.Standing is RoomStanding.Joined or RoomStanding.Entering) ? room : throw Unknown();
    }

    private static ProgramException Unknown() => new(FailureCode.RoomUnknown, "you are in no such room; room.list lists those you are in");

    private static StoredMessage Message(JsonSession session, RoomId room, MessageId id)
        => session.Client.FindMessage(room, id) ?? throw new ProgramException(FailureCode.MessageUnknown, $"there is no message {id} in that room");

    private static MessageId Own(JsonSession session, RoomId room, MessageId id)
        => Message(session, room, id).Sender == session.Client.Handle ? id : throw new ProgramException(FailureCode.MessageUnknown, $"the message {id} is another's");
}

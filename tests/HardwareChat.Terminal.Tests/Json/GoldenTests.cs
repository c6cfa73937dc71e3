using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HardwareChat.Client;
using HardwareChat.Client.Attachments;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Json;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Tests.Json;

/// <summary>A line of each kind, letter by letter as in Golden/. HWCHAT_WRITE_GOLDEN=1 writes them anew: members are only ever added.</summary>
public static class GoldenTests
{
    private static readonly RoomId Room = RoomId.FromBytes(Enumerable.Repeat((byte)0xAB, 32).ToArray());
    private static readonly TokenId Token = TokenId.OfSpki("a key"u8);
    private static readonly Handle Alice = Handle.Parse("alice");
    private static readonly Handle Bob = Handle.Parse("bob");
    private static readonly MessageId Target = MessageId.FromBytes([1, .. new byte[31]]);
    private static readonly EventForm Form = new(Alice, static handle => handle.ToString() == "carol");

    private static Dictionary<string, string> Lines => new()
    {
        ["hello"] = Of(new HelloLine("hello", 1, "hwchat 0.1.0", ["subscribe"], ["hello"], new HelloLimits(1048576, 64, 30)), JsonLines.Default.HelloLine),
        ["ready"] = Of(new ReadyLine("ready", "alice", "aa", "bb", "c:0", "c:12", "c:9"), JsonLines.Default.ReadyLine),
        ["message-text"] = Message(new MessageContent("hi [@alice](mimi://hwchat/u/alice), <b>\u202Ehidden\u001b[31m</b> \"quoted\" grün 🌱", TextFormat.Markdown) { InReplyTo = Target }),
        ["message-text-mine"] = Message(new MessageContent("plain", TextFormat.Plain), Alice),
        ["message-text-files"] = Message(new MessageContent("", TextFormat.Plain) { Attachments = [File] }),
        ["message-edit"] = Message(new MessageContent("anew", TextFormat.Plain) { Replaces = Target }),
        ["message-delete"] = Message(new DeletionContent(Target)),
        ["message-reaction"] = Message(new ReactionContent(Target, "🌱"), Handle.Parse("carol")),
        ["message-receipt"] = Message(new StatusContent([new MessageStatus(Target, DeliveryStatus.Read)])),
        ["message-title"] = Message(new TitleContent("the garden")),
        ["message-picture"] = Message(new PictureContent(File)),
        ["message-unknown"] = Of(Form.Of(new StoredMessage(Room, 5) { Id = Target.ToArray(), Sender = Bob, Token = Token, Time = 1_800_000_000, Content = new byte[] { 0xFF } }), JsonLines.Default.EventLine),
        ["message-deleted"] = Of(Form.Of(new StoredMessage(Room, 5) { Id = Target.ToArray(), Sender = Bob, Token = Token, Time = 1_800_000_000, IsDeleted = true }), JsonLines.Default.EventLine),
        ["message-gone"] = Of(Form.Of(new KeptEvent(KeptEventKind.Message, Room, 5) { Cursor = 8 }), JsonLines.Default.EventLine),
        ["room"] = Of(Form.Of(new KeptEvent(KeptEventKind.Changed, Room, 6) { Cursor = 9, By = Bob, HasEntered = true, TermsChanged = true, Added = [Alice], Removed = [Bob], Message = new StoredMessage(Room, 6) { Time = 1_800_000_000, Kind = MessageKind.Notice } }), JsonLines.Default.EventLine),
        ["trouble"] = Of(Form.Of(new KeptEvent(KeptEventKind.Trouble, Room, 7) { Cursor = 10, Why = "the relay no longer has this message" }), JsonLines.Default.EventLine),
        ["out"] = Of(Form.Of(new KeptEvent(KeptEventKind.Out, Room, 0) { Cursor = 11, Why = "removed by bob" }), JsonLines.Default.EventLine),
        ["history-notice"] = Of(Form.Of(new StoredMessage(Room, 6) { Time = 1_800_000_000, Kind = MessageKind.Notice, Content = Encoding.UTF8.GetBytes("bob came in") }), JsonLines.Default.EventLine),
        ["invite"] = Of(new InviteLine("invite", Room.ToString(), "bob", ["bob", "carol"]), JsonLines.Default.InviteLine),
        ["unsent"] = Of(new UnsentLine("unsent", Room.ToString(), Target.ToString(), "waiting", "not connected"), JsonLines.Default.UnsentLine),
        ["token-session"] = Of(new TokenLine("token", "session_ends") { At = "2027-01-15T08:00:00Z" }, JsonLines.Default.TokenLine),
        ["token"] = Of(new TokenLine("token", "touch_needed") { For = "connect", WithinS = 15 }, JsonLines.Default.TokenLine),
        ["token-pin"] = Of(new TokenLine("token", "pin_needed") { For = "open the vault", TriesLeft = 3 }, JsonLines.Default.TokenLine),
        ["link"] = Of(new LinkLine("link", "offline", "the relay is gone"), JsonLines.Default.LinkLine),
        ["alive"] = Of(new AliveLine("alive", "2027-01-15T08:00:00Z"), JsonLines.Default.AliveLine),
        ["progress"] = Of(new ProgressLine("progress", "3", 1048576, 9437184), JsonLines.Default.ProgressLine),
        ["bye"] = Of(new ByeLine("bye", 0, "the input has ended"), JsonLines.Default.ByeLine),
        ["bye-error"] = Of(new ByeLine("bye", 4, "failed") { Error = Error(FailureCode.VaultInUse) }, JsonLines.Default.ByeLine),
        ["answer"] = Of(new AnswerLine(true) { Id = "1" }, JsonLines.Default.AnswerLine),
        ["answer-error"] = Of(new AnswerLine(false) { Id = "1", Error = Error(FailureCode.RelayBusy) }, JsonLines.Default.AnswerLine),
        ["answer-subscribe"] = Of(new AnswerLine(true) { Id = "1", Cursor = "c:812" }, JsonLines.Default.AnswerLine),
        ["answer-send"] = Of(AnswerLine.Of(new SentMessage(Room, Target, true, 12, null)) with { Id = "1" }, JsonLines.Default.AnswerLine),
        ["answer-send-again"] = Of(AnswerLine.Of(new SentMessage(Room, Target, true, 12, null)) with { Id = "1", Again = true }, JsonLines.Default.AnswerLine),
        ["answer-send-queued"] = Of(AnswerLine.Of(new SentMessage(Room, Target, false, null, "not connected")) with { Id = "1" }, JsonLines.Default.AnswerLine),
        ["answer-room.list"] = Of(new AnswerLine(true) { Id = "1", Rooms = [new RoomPart(Room.ToString(), "the garden", "joined", 13, 12)], Invitations = [new InvitationPart(Room.ToString(), "bob")] }, JsonLines.Default.AnswerLine),
        ["answer-room.join"] = Of(new AnswerLine(true) { Id = "1", Room = Room.ToString(), Heard = true }, JsonLines.Default.AnswerLine),
        ["answer-room.leave"] = Of(new AnswerLine(true) { Id = "1", Room = Room.ToString(), Left = false }, JsonLines.Default.AnswerLine),
        ["answer-history"] = Of(new AnswerLine(true) { Id = "1", Entries = [Form.Of(Stored(new TitleContent("the garden"), Bob))], More = false }, JsonLines.Default.AnswerLine),
        ["answer-outbox"] = Of(new AnswerLine(true) { Id = "1", Outbox = [new QueuedPart(Room.ToString(), Target.ToString(), "failed", "too large")] }, JsonLines.Default.AnswerLine),
        ["answer-who"] = Of(new AnswerLine(true) { Id = "1", People = [new PersonPart("bob", "no") { Invited = true, Sessions = 1 }] }, JsonLines.Default.AnswerLine),
        ["answer-people"] = Of(new AnswerLine(true) { Id = "1", People = [new PersonPart("carol", "changed") { Bot = true, Role = "bot" }] }, JsonLines.Default.AnswerLine),
        ["answer-status"] = Of(new AnswerLine(true) { Id = "1", User = "alice", Token = "aa", Registry = "bb", RegistrySize = 4, Link = "alarm", Why = "the registry forks", Cursor = "c:12" }, JsonLines.Default.AnswerLine),
        ["answer-file"] = Of(new AnswerLine(true) { Id = "1", Path = "/tmp/notes.txt" }, JsonLines.Default.AnswerLine),
    };

    private static AttachmentManifest File => new()
    {
        Blob = new Digest(new byte[32]),
        Size = 3,
        Key = new byte[32],
        NoncePrefix = new byte[7],
        Hash = new Digest(new byte[32]),
        ContentType = "text/plain",
        FileName = "../notes\u202Etxt",
    };

    [Fact]
    public static void Every_line_is_as_in_its_golden_file_and_is_one_line_of_ascii()
    {
        string folder = Path.Combine(Root(), "Golden");
        foreach ((string name, string line) in Lines)
        {
            string file = Path.Combine(folder, name + ".json");
            if (Environment.GetEnvironmentVariable("HWCHAT_WRITE_GOLDEN") == "1")
                System.IO.File.WriteAllText(file, line + "\n");
            Assert.Equal(System.IO.File.ReadAllText(file), line + "\n");
            Assert.True(Ascii.IsValid(line), name);
            Assert.DoesNotContain(line, char.IsControl);
        }
        Assert.Equal(Lines.Keys.Order(StringComparer.Ordinal), Directory.GetFiles(folder).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    [Fact]
    public static void Every_kind_of_event_and_of_content_has_a_golden_file()
    {
        string[] events = [.. Parsed().Where(static line => line.TryGetProperty("ev", out _)).Select(static line => line.GetProperty("ev").GetString()!)];
        string[] contents = [.. Parsed().Where(static line => line.TryGetProperty("kind", out _)).Select(static line => line.GetProperty("kind").GetString()!)];

        Assert.Empty(JsonEvent.All.Select(static kind => kind.Name).Except(events));
        Assert.Empty(events.Except(JsonEvent.All.Select(static kind => kind.Name)));
        Assert.Empty(JsonEvent.Contents.Select(static kind => kind.Name).Except(contents));
        Assert.Empty(contents.Except(JsonEvent.Contents.Select(static kind => kind.Name)));
    }

    [Fact]
    public static void Every_member_of_a_line_is_in_the_document()
    {
        string document = System.IO.File.ReadAllText(Path.Combine(Root(), "..", "..", "..", "docs", "JSON.md"));
        Assert.All(Parsed().SelectMany(Members).Distinct(), member => Assert.Contains($"`{member}`", document, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Members(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(static member => (string[])[member.Name, .. Members(member.Value)]),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Members),
        _ => [],
    };

    private static IEnumerable<JsonElement> Parsed() => Lines.Values.Select(static line => JsonDocument.Parse(line).RootElement);

    private static ErrorPart Error(FailureCode code) => ErrorPart.Of(new ProgramException(code, "what happened", "what to do") { After = code == FailureCode.RelayBusy ? TimeSpan.FromSeconds(5) : TimeSpan.Zero });

    private static string Message(RoomContent content, Handle? sender = null)
        => Of(Form.Of(new KeptEvent(KeptEventKind.Message, Room, 5) { Cursor = 8, Message = Stored(content, sender ?? Bob) }), JsonLines.Default.EventLine);

    private static StoredMessage Stored(RoomContent content, Handle sender)
        => new(Room, 5) { Id = Target.ToArray(), Sender = sender, Token = Token, Time = 1_800_000_000, Content = content.ToMimi(new byte[16]).Encode() };

    private static string Of<T>(T line, JsonTypeInfo<T> form) => JsonSerializer.Serialize(line, form);

    private static string Root([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

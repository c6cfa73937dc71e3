using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;

namespace HardwareChat.Terminal.Tests.Conversation;

/// <summary>A room's history as a face has it: from the vault and from the engine alike.</summary>
public static class HistoryTests
{
    private static readonly RoomId Room = RoomId.FromBytes(new byte[Digest.Size]);
    private static readonly Handle Alice = Handle.Parse("alice");
    private static readonly Handle Bob = Handle.Parse("bob");

    [Fact]
    public static void What_was_taken_back_is_neither_shown_nor_quoted()
    {
        RoomHistory history = Empty();
        ReceivedContent regretted = Said(1, Bob, "the secret");
        ReceivedContent answer = Said(2, Alice, "what?") with { Content = new MessageContent("what?", TextFormat.Plain) { InReplyTo = regretted.Id } };
        history.Take(regretted);
        history.Take(answer);
        Assert.Contains("the secret", MessageLines.Answered((HistoryItem.Said)history.At(2)!), StringComparison.Ordinal);

        history.Take(new ReceivedContent(Id(3), Bob, 3, 103, new DeletionContent(regretted.Id)));

        Assert.Equal(["#1 bob: (taken back)", "#2 you (to #1 of bob): what?"], Lines(history));
        Assert.Equal("#1 bob: (taken back)", MessageLines.Answered((HistoryItem.Said)history.At(2)!));
    }

    [Fact]
    public static void Edits_and_reactions_belong_to_their_message_and_others_cannot_edit_it()
    {
        RoomHistory history = Empty();
        ReceivedContent first = Said(1, Alice, "frist");
        history.Take(first);
        history.Take(Said(2, Alice, "") with { Content = new MessageContent("first", TextFormat.Plain) { Replaces = first.Id } });
        history.Take(Said(3, Bob, "") with { Content = new MessageContent("worst", TextFormat.Plain) { Replaces = first.Id } });
        history.Take(new ReceivedContent(Id(4), Bob, 4, 104, new ReactionContent(first.Id, "🌱")));

        Assert.Equal(["#1 you (edited): first", "#3 bob: (bob tried to change another's message; it had no effect)"], Lines(history));
        Assert.Equal("🌱 bob", MessageLines.Reactions(((HistoryItem.Said)history.At(1)!).Message));
        Assert.Equal(1UL, history.LastOwn()!.Sequence);
    }

    [Fact]
    public static void Notes_stand_at_their_places_and_pages_come_from_the_vault()
    {
        StoredMessage[] stored = [.. Enumerable.Range(0, 1000).Select(static i => i % 10 == 9
            ? new StoredMessage(Room, (ulong)i) { Kind = MessageKind.Trouble, Content = "not readable"u8.ToArray(), Time = (ulong)i }
            : Stored((ulong)i, $"message {i}"))];
        var history = new RoomHistory(Alice, (before, count) => [.. stored.Where(message => message.Sequence < before).TakeLast(count)]);

        Assert.True(history.LoadOlder());
        Assert.Equal(RoomHistory.Page, history.Items.Count);
        Assert.Equal("#999 ! not shown: not readable", Assert.Single(MessageLines.PlainLines(history.At(999)!, withTime: false)));
        history.LoadTo(5);
        Assert.Equal("#5 bob: message 5", Assert.Single(MessageLines.PlainLines(history.At(5)!, withTime: false)));
        Assert.Equal(1000, history.Items.Count);
        Assert.Equal(5, history.UnreadFrom(995));
        Assert.False(history.LoadOlder());
    }

    [Fact]
    public static void A_message_of_ones_own_is_under_way_until_the_log_has_it()
    {
        RoomHistory history = Empty();
        var content = new MessageContent("hello", TextFormat.Plain);
        history.Add(new PendingMessage(content));
        var failed = new PendingMessage(content) { State = MessageState.Failed, Why = "too large" };
        history.Add(failed);

        history.Take(Said(1, Alice, "hello"));

        Assert.Equal("FAILED: too large", MessageLines.StateOf(Assert.Single(history.Pending)));
    }

    [Theory]
    [InlineData("\e[2J\e]0;title\a", "␛[2J␛]0;title␇")]
    [InlineData("a\u202Edcba\u200Bb\u2066c", "adcbabc")]
    [InlineData("one\r\ntwo\u2028three\vfour", "one\n  two\n  three\n  four")]
    [InlineData("#7 bob: forged\n#8 carol: too", "#7 bob: forged\n  #8 carol: too")]
    public static void Hostile_text_is_harmless_in_lines(string text, string shown)
    {
        RoomHistory history = Empty();
        history.Take(Said(1, Bob, text));

        Assert.Equal($"#1 bob: {shown}", string.Join('\n', Lines(history)));
    }

    [Fact]
    public static void What_says_nothing_and_what_is_unknown_is_shown_as_that()
    {
        RoomHistory history = Empty();
        history.Take(Said(0, Bob, "\ud800broken"));
        history.Take(Said(1, Bob, ""));
        history.Take(Said(2, Bob, "") with { Content = new UnsupportedContent("a thing\e[0m", ["x/y"], null) });
        history.Take(Said(3, Bob, "") with { Content = new TitleContent("the \u202Eshed") });

        Assert.Equal(["#0 bob: \ufffdbroken", "#1 bob: (empty)", "#2 bob: (cannot be shown: a thing␛[0m; a newer version may)", "#3 * bob gave the room the title: the shed"], Lines(history));
    }

    private static RoomHistory Empty() => new(Alice, static (_, _) => []);

    private static string[] Lines(RoomHistory history) => [.. history.Items.SelectMany(static item => MessageLines.PlainLines(item, withTime: false))];

    private static ReceivedContent Said(ulong sequence, Handle sender, string text) => new(Id(sequence), sender, sequence, 100 + sequence, new MessageContent(text, TextFormat.Plain));

    private static MessageId Id(ulong sequence)
    {
        byte[] id = new byte[MessageId.Size];
        BitConverter.TryWriteBytes(id, sequence);
        return MessageId.FromBytes(id);
    }

    private static StoredMessage Stored(ulong sequence, string text)
    {
        MimiContent mimi = new MessageContent(text, TextFormat.Plain).ToMimi(MimiContent.NewSalt());
        byte[] encoded = mimi.Encode();
        return new StoredMessage(Room, sequence) { Id = mimi.IdOf(Bob, Room, encoded).ToArray(), Sender = Bob, Time = sequence, Content = encoded };
    }
}

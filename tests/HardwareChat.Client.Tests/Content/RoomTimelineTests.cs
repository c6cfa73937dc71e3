using CsCheck;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests.Content;

public static class RoomTimelineTests
{
    private static readonly Handle Alice = Handle.Parse("alice");
    private static readonly Handle Bob = Handle.Parse("bob");

    [Fact]
    public static void An_edit_of_the_same_user_is_shown_in_the_messages_place_and_says_so()
    {
        ShownMessage shown = Assert.Single(Show(Received(1, Alice, Text("borow")), Received(2, Alice, Text("borrow") with { Replaces = Id(1) })));
        Assert.Equal("borrow", Assert.IsType<MessageContent>(shown.Content).Text);
        Assert.Equal(1ul, shown.First.Sequence);
        Assert.Equal(2, shown.Wordings.Count);
    }

    [Fact]
    public static void Another_users_edit_or_deletion_changes_nothing_and_is_seen()
    {
        IReadOnlyList<ShownMessage> shown = Show(
            Received(1, Alice, Text("mine")), Received(2, Bob, Text("not yours") with { Replaces = Id(1) }), Received(3, Bob, new DeletionContent(Id(1))));
        Assert.Equal([ShownKind.Message, ShownKind.RefusedChange, ShownKind.RefusedChange], shown.Select(message => message.Kind));
        Assert.Equal("mine", Assert.IsType<MessageContent>(shown[0].Content).Text);
        Assert.Empty(shown[0].Wordings);
    }

    [Fact]
    public static void A_deletion_is_for_good()
    {
        ShownMessage shown = Assert.Single(Show(
            Received(1, Alice, Text("a")), Received(2, Alice, new DeletionContent(Id(1))), Received(3, Alice, Text("b") with { Replaces = Id(1) }),
            Received(4, Alice, new DeletionContent(Id(2)))));
        Assert.Equal(ShownKind.Deleted, shown.Kind);
        Assert.Null(shown.Content);
    }

    [Fact]
    public static void An_edit_that_is_deleted_leaves_the_wording_before_it()
        => Assert.Equal("a", Assert.IsType<MessageContent>(Assert.Single(Show(
            Received(1, Alice, Text("a")), Received(2, Alice, Text("b") with { Replaces = Id(1) }), Received(3, Alice, new DeletionContent(Id(2))))).Content).Text);

    [Fact]
    public static void An_edit_cannot_change_what_is_answered_or_when_it_ends()
    {
        ShownMessage shown = Show(
            Received(1, Bob, Text("question")),
            Received(2, Alice, Text("answer") with { InReplyTo = Id(1), Expires = new Expiration(true, 5) }),
            Received(3, Alice, Text("other") with { Replaces = Id(2), InReplyTo = Id(9) }))[1];
        Assert.Equal(Id(1), shown.InReplyTo!.Id);
        Assert.Equal(new Expiration(true, 5), shown.Content!.Expires);
        Assert.False(shown.AnswersUnknown);
    }

    [Fact]
    public static void An_edit_of_a_message_that_is_not_there_stands_by_itself_until_it_comes()
    {
        var timeline = new RoomTimeline();
        timeline.Add(Received(5, Alice, Text("new") with { Replaces = Id(1) }));
        Assert.Equal(ShownKind.EditOfUnknown, Assert.Single(timeline.Messages()).Kind);
        IReadOnlyList<MessageId> changed = timeline.Add(Received(1, Alice, Text("old")));
        Assert.Contains(Id(1), changed);
        Assert.Equal("new", Assert.IsType<MessageContent>(Assert.Single(timeline.Messages()).Content).Text);
    }

    [Fact]
    public static void Edits_that_replace_each_other_are_harmless()
    {
        IReadOnlyList<ShownMessage> shown = Show(
            Received(1, Alice, Text("a") with { Replaces = Id(2) }), Received(2, Alice, Text("b") with { Replaces = Id(1) }), Received(3, Alice, Text("c") with { Replaces = Id(3) }));
        Assert.All(shown, message => Assert.Equal(ShownKind.EditOfUnknown, message.Kind));
        Assert.Equal(3, shown.Count);
    }

    [Fact]
    public static void Answers_in_a_circle_are_shown_one_step_deep()
    {
        IReadOnlyList<ShownMessage> shown = Show(Received(1, Alice, Text("a") with { InReplyTo = Id(2) }), Received(2, Bob, Text("b") with { InReplyTo = Id(1) }));
        Assert.Equal([Id(2), Id(1)], shown.Select(message => message.InReplyTo!.Id));
        Assert.True(Assert.Single(Show(Received(1, Alice, Text("a") with { InReplyTo = Id(7) }))).AnswersUnknown);
    }

    [Fact]
    public static void Reactions_count_each_user_once_and_are_taken_back_by_their_giver_alone()
    {
        ReceivedContent[] contents =
        [
            Received(1, Alice, Text("a")),
            Received(2, Bob, new ReactionContent(Id(1), "👍")),
            Received(3, Bob, new ReactionContent(Id(1), "👍")),
            Received(4, Alice, new ReactionContent(Id(1), "👍")),
            Received(5, Bob, new ReactionContent(Id(1), "❤️")),
        ];
        Assert.Equal([("👍", 2), ("❤️", 1)], Show(contents)[0].Reactions.Select(reaction => (reaction.Emoji, reaction.Users.Count)));
        ShownMessage after = Show([.. contents, Received(6, Bob, new DeletionContent(Id(5))), Received(7, Bob, new DeletionContent(Id(4)))])[0];
        Assert.Equal([("👍", 2)], after.Reactions.Select(reaction => (reaction.Emoji, reaction.Users.Count)));
    }

    [Fact]
    public static void A_flood_of_reactions_is_bounded()
    {
        ReceivedContent[] flood = [.. Enumerable.Range(2, 500).Select(i => Received((ulong)i, Bob, new ReactionContent(Id(1), char.ConvertFromUtf32(0x1F300 + i))))];
        Assert.Equal(RoomTimeline.ReactionsOfUser, Show([Received(1, Alice, Text("a")), .. flood])[0].Reactions.Count);
    }

    [Fact]
    public static void Reports_go_from_received_to_read_and_never_come_from_the_sender()
    {
        ShownMessage shown = Show(
            Received(1, Alice, Text("a")),
            Received(2, Bob, new StatusContent([new MessageStatus(Id(1), DeliveryStatus.Read)])),
            Received(3, Bob, new StatusContent([new MessageStatus(Id(1), DeliveryStatus.Delivered), new MessageStatus(Id(8), DeliveryStatus.Read)])),
            Received(4, Alice, new StatusContent([new MessageStatus(Id(1), DeliveryStatus.Read)])))[0];
        Assert.Equal((Bob, DeliveryStatus.Read), (Assert.Single(shown.Statuses).Key, shown.Statuses[Bob]));
    }

    [Fact]
    public static void The_last_title_that_was_allowed_counts()
    {
        var timeline = new RoomTimeline(received => received.Sender == Alice);
        timeline.Add(Received(1, Alice, new TitleContent("ours")));
        timeline.Add(Received(2, Bob, new TitleContent("mine")));
        Assert.Equal("ours", timeline.Title);
        timeline.Add(Received(3, Alice, new TitleContent("")));
        Assert.Null(timeline.Title);
    }

    [Fact]
    public static void Hello_and_phrase_are_never_shown()
        => Assert.Empty(Show(Received(1, Alice, new HelloContent()), Received(2, Alice, new PhraseContent(1, new byte[32]))));

    // Any contents, in any order, twice: the same room.
    [Fact]
    public static void The_order_of_arrival_changes_nothing()
    {
        Gen<RoomContent> content = Gen.Select(Gen.Int[0, 5], Gen.ULong[1, 12]).Select((kind, target) => kind switch
        {
            0 => Text("a"),
            1 => Text("b") with { Replaces = Id(target) },
            2 => new DeletionContent(Id(target)),
            3 => new ReactionContent(Id(target), "👍"),
            4 => new StatusContent([new MessageStatus(Id(target), DeliveryStatus.Read)]),
            _ => (RoomContent)(Text("c") with { InReplyTo = Id(target) }),
        });
        Gen.Select(content.Array[0, 14], Gen.Bool.Array[14], Gen.Int[0, 1000]).Sample((contents, senders, seed) =>
        {
            ReceivedContent[] received = [.. contents.Select((what, i) => Received((ulong)i + 1, senders[i] ? Alice : Bob, what))];
            ReceivedContent[] shuffled = [.. received, .. received];
            new Random(seed).Shuffle(shuffled);
            Assert.Equal(Describe(received), Describe(shuffled));
        });
    }

    private static string Describe(IEnumerable<ReceivedContent> contents)
        => string.Join('\n', RoomTimeline.Of(contents).Messages().Select(message => string.Join(
            '|',
            message.First.Sequence,
            message.Kind,
            (message.Content as MessageContent)?.Text,
            message.InReplyTo?.Sequence,
            message.AnswersUnknown,
            string.Join(',', message.Wordings.Select(wording => wording.Sequence)),
            string.Join(',', message.Reactions.Select(reaction => reaction.Emoji + string.Join('+', reaction.Users))),
            string.Join(',', message.Statuses.OrderBy(status => status.Key)))));

    private static IReadOnlyList<ShownMessage> Show(params ReceivedContent[] contents) => RoomTimeline.Of(contents).Messages();

    private static MessageContent Text(string text) => new(text, TextFormat.Plain);

    private static MessageId Id(ulong sequence) => MessageId.FromBytes(Digest.Of(BitConverter.GetBytes(sequence)).ToArray());

    private static ReceivedContent Received(ulong sequence, Handle sender, RoomContent content) => new(Id(sequence), sender, sequence, 1_800_000_000 + sequence, content);
}

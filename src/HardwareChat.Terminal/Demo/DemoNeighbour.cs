using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Demo;

/// <summary>bob or carol: greets, answers alice, and accepts her invitations. A simple soul, over a real client.</summary>
internal sealed class DemoNeighbour(DemoPerson person, IReadOnlyList<string> answers, string? reaction)
{
    private static readonly TimeSpan Thinking = TimeSpan.FromMilliseconds(700);

    private int _said;

    /// <summary>Lives until the demo ends.</summary>
    public async Task LiveAsync(RoomId room, CancellationToken end)
    {
        if (answers.Count > 0)
        {
            await person.Client.SendAsync(room, Text(
                "Hello alice! I am a small program with a token of my own. Say something, or try /members, /verify bob, or /new picnic and then /add carol: founding a room wants a touch of your key. Or say \"invite me\". /help lists everything."));
        }
        while (!end.IsCancellationRequested)
        {
            ClientEvent shown = await person.NextAsync(end);
            if (shown is ClientEvent.Invited invited)
                await AcceptAsync(invited);
            else if (shown is ClientEvent.Message { IsOwn: false, Content: MessageContent { Replaces: null } content } message && message.Sender.ToString() == "alice")
                await AnswerAsync(message, content.Text, end);
        }
    }

    private async Task AcceptAsync(ClientEvent.Invited invited)
    {
        await person.Client.AcceptAsync(invited.Room);
        await person.Client.SendAsync(invited.Room, Text($"Thank you for the invitation, {invited.By}."));
    }

    private async Task AnswerAsync(ClientEvent.Message message, string text, CancellationToken end)
    {
        await Task.Delay(Thinking, end);
        if (reaction is not null)
            await person.Client.SendAsync(message.Room, new ReactionContent(message.Id, reaction));
        else if (text.Contains("invite me", StringComparison.OrdinalIgnoreCase))
            await person.Client.AddAsync(await person.Client.CreateRoomAsync("the kitchen", RoomSettings.Standard), message.Sender);
        else
            await person.Client.SendAsync(message.Room, Text(answers[_said++ % answers.Count]) with { InReplyTo = message.Id });
    }

    private static MessageContent Text(string text) => new(text, TextFormat.Markdown);
}

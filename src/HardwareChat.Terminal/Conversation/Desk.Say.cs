using HardwareChat.Client;
using HardwareChat.Client.Content;

namespace HardwareChat.Terminal.Conversation;

/// <content>What the person says.</content>
internal sealed partial class Desk
{
    /// <summary>Does what the person has typed: a command, or a message to the open room. What fails in an expected way is told.</summary>
    public Task ExecuteAsync(string typed) => TryAsync(() => CommandTable.RunAsync(this, typed));

    /// <summary>Says something in the open room.</summary>
    /// <param name="text">The words.</param>
    /// <param name="answers">The message that is answered.</param>
    public async Task SayAsync(string text, MessageId? answers)
    {
        DeskRoom room = Here();
        MessageContent content = Compose(text) with { InReplyTo = answers };
        var pending = new PendingMessage(content);
        room.History.Add(pending);
        try
        {
            await Client.SendAsync(room.Id, content);
            room.History.Remove(pending);
        }
        catch (ConnectionException e)
        {
            // It is in the vault's outbox, and goes out with the next connection.
            pending.Why = e.Message;
            throw new CommandException($"not sent yet: {e.Message}. It goes out when you are connected again");
        }
        catch (Exception e) when (Failures.IsExpected(e))
        {
            pending.State = MessageState.Failed;
            pending.Why = Failures.TextOf(e);
            throw;
        }
    }

    /// <summary>The message of a typed text: @HANDLE names a user of the community.</summary>
    /// <exception cref="CommandException">It is too long.</exception>
    public MessageContent Compose(string text) => Composition.Of(Client.Registry, text);

    /// <summary>Keeps whether others are told what was read.</summary>
    public void ChooseReceipts(bool tells)
    {
        TellsWhatWasRead = tells;
        Client.SetSetting(ReceiptsSetting, tells ? "on" : "off");
    }
}

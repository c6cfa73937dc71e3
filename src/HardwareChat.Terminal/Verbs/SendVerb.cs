using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Json;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Verbs;

/// <summary>hwchat send ROOM TEXT</summary>
internal static class SendVerb
{
    private static readonly Argument<string?> Text = new("TEXT") { Description = "The words, as Markdown; standard input if not given.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> Plain = new("--plain-text") { Description = "The words are not Markdown." };
    private static readonly Option<ulong?> ReplyTo = new("--reply-to") { Description = "The number of the message that is answered." };
    private static readonly Option<string?> Key = new("--key") { Description = "A name for this one message: sent again under it, for seven days, it is sent once." };

    /// <summary>The verb.</summary>
    public static Command Create(Interruption interruption)
    {
        Command command = VerbOptions.Create("send", "Says something in a room, and prints its number there.", VerbOptions.Room, Text, Plain, ReplyTo, Key);
        command.SetAction((parsed, _) => OneShot.RunAsync(parsed, RunAsync, interruption.Token));
        return command;
    }

    private static async Task<int> RunAsync(OneShot run)
    {
        string text = run.Parsed.GetValue(Text) ?? await ReadTextAsync(run.Interrupted);
        if (text.Length == 0)
            throw new ProgramException(FailureCode.BadValue, "there is nothing to say: the text is empty");
        if (run.Parsed.GetValue(Key) is { Length: 0 or > JsonLimits.Name })
            throw new ProgramException(FailureCode.BadValue, $"a key has 1 to {JsonLimits.Name} characters");
        StoredRoom room = await run.RoomNamedAsync();
        string? offline = null;
        try
        {
            await run.ConnectAsync(room.Id);
        }
        catch (Exception failure) when (failure is ConnectionException or RelayException)
        {
            // It waits in the outbox then.
            offline = Failures.TextOf(failure);
        }
        SentMessage sent = await SendAsync(run, room.Id, text);
        if (run.IsJson)
            OneShot.Write(AnswerLine.Of(sent));
        else if (sent.Sequence is { } sequence)
            OneShot.Write($"#{sequence}");
        if (sent.IsStored)
            return ExitCode.Done;
        OneShot.Say($"error: not sent yet: {offline ?? sent.Why ?? "it waits in the outbox"}");
        OneShot.Say("hint: it goes out when hwchat is connected next; do not send it again, or only under the same --key");
        return ExitCode.Waiting;
    }

    private static async Task<SentMessage> SendAsync(OneShot run, RoomId room, string text)
    {
        MessageContent content = run.Parsed.GetValue(Plain) ? new MessageContent(text, TextFormat.Plain) : Composition.Of(run.Client.Registry, text);
        if (run.Parsed.GetValue(ReplyTo) is { } place)
            content = content with { InReplyTo = Answered(run, room, place) };
        if (run.Parsed.GetValue(Key) is not { } key)
            return await SentMessage.SendAsync(run.Client, room, content, null);
        byte[] command = SHA256.HashData(Encoding.UTF8.GetBytes($"send {room} {content.Format} {content.InReplyTo} {text}"));
        if (run.Client.FindOutcome(key) is { } known)
        {
            var outcome = KeyedOutcome.Decode(known);
            return outcome.State == KeyedState.Sent && outcome.Command.AsSpan().SequenceEqual(command)
                ? SentMessage.Of(run.Client, room, outcome.Message.Id, null)
                : throw new ProgramException(FailureCode.KeyReused, $"the key \"{key}\" was given to something else before");
        }
        return await SentMessage.SendAsync(run.Client, room, content, (vault, id) =>
            vault.Idempotency.Put(key, (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds(), KeyedOutcome.Sent(command, room, id).Encode()));
    }

    private static MessageId Answered(OneShot run, RoomId room, ulong place)
        => run.Client.HistoryFrom(room, place, 1) is [{ Kind: MessageKind.Content } message] && message.Sequence == place
            ? MessageId.FromBytes(message.Id.Span)
            : throw new ProgramException(FailureCode.MessageUnknown, $"there is no message #{place} in that room");

    private static async Task<string> ReadTextAsync(CancellationToken interrupted)
    {
        // One byte more than a message has, so that too much is noticed and not cut.
        byte[] bytes = new byte[ContentLimits.TextBytes + 1];
        await using Stream input = Console.OpenStandardInput();
        int length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, interrupted);
        if (length == bytes.Length)
            throw new ProgramException(FailureCode.BadValue, $"a message has at most {ContentLimits.TextBytes / 1024} KiB", "hwchat file send ROOM PATH sends it as a file");
        return Encoding.UTF8.GetString(bytes.AsSpan(0, length)).TrimEnd('\r', '\n');
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Programs;
using HardwareChat.Wire;

namespace HardwareChat.Terminal.Json;

// struct {
//   KeyedState state;
//   opaque command[32];      // SHA-256 of what was asked, but for its id and its key
//   opaque value<V>;         // begun: empty | sent: room id, message id | done: the answer
// } KeyedOutcome;

/// <summary>How far a command with a key has come.</summary>
internal enum KeyedState : byte
{
    /// <summary>It failed before anything was done: it may be asked again.</summary>
    Open = 1,

    /// <summary>Begun; whether it was done is not known.</summary>
    Begun,

    /// <summary>A message, in the outbox or in the log.</summary>
    Sent,

    /// <summary>Done, and answered.</summary>
    Done,
}

/// <summary>What a key stands for in the vault.</summary>
internal sealed record KeyedOutcome(KeyedState State, byte[] Command, byte[] Value)
{
    /// <summary>A message.</summary>
    public static KeyedOutcome Sent(byte[] command, RoomId room, MessageId id) => new(KeyedState.Sent, command, [.. room.Value.ToArray(), .. id.ToArray()]);

    /// <summary>The message of <see cref="Sent"/>.</summary>
    public (RoomId Room, MessageId Id) Message => (RoomId.FromBytes(Value.AsSpan(0, Digest.Size)), MessageId.FromBytes(Value.AsSpan(Digest.Size)));

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static KeyedOutcome Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        var outcome = new KeyedOutcome((KeyedState)reader.ReadUInt8(), reader.ReadFixed(SHA256.HashSizeInBytes).ToArray(), reader.ReadOpaque(VectorLength.Max).ToArray());
        reader.ThrowIfNotEmpty();
        return outcome;
    }

    /// <summary>As the vault keeps it.</summary>
    public byte[] Encode()
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteUInt8((byte)State);
        writer.WriteFixed(Command);
        writer.WriteOpaque(Value);
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>Commands that have a key: each is done once, and answered as often as it is asked.</summary>
internal sealed class KeyedCommands
{
    private readonly Dictionary<string, (byte[] Command, Task<AnswerLine?> Answer)> _underWay = [];
    private readonly Lock _gate = new();

    /// <summary>Does a command, or answers as before.</summary>
    /// <exception cref="ProgramException">The key was another command's, or it is not known what became of it.</exception>
    public async Task<AnswerLine?> DoAsync(JsonSession session, JsonCommand command, JsonRequest request, string key)
    {
        Task<AnswerLine?> answer;
        bool isFirst;
        lock (_gate)
        {
            isFirst = !_underWay.TryGetValue(key, out (byte[] Command, Task<AnswerLine?> Answer) same);
            if (!isFirst && !same.Command.AsSpan().SequenceEqual(request.Digest()))
                throw Reused(key);
            answer = isFirst ? DoOnceAsync(session, command, request, key) : same.Answer;
            if (isFirst)
                _underWay[key] = (request.Digest(), answer);
        }
        if (!isFirst)
            return await answer is { } given ? given with { Again = true } : null;
        try
        {
            return await answer;
        }
        finally
        {
            lock (_gate)
                _underWay.Remove(key);
        }
    }

    private static async Task<AnswerLine?> DoOnceAsync(JsonSession session, JsonCommand command, JsonRequest request, string key)
    {
        if (session.Client.FindOutcome(key) is { } known)
        {
            var outcome = KeyedOutcome.Decode(known);
            if (!outcome.Command.AsSpan().SequenceEqual(request.Digest()))
                throw Reused(key);
            switch (outcome.State)
            {
                case KeyedState.Sent:
                    return AnswerLine.Of(SentMessage.Of(session.Client, outcome.Message.Room, outcome.Message.Id, null)) with { Again = true };
                case KeyedState.Done:
                    return JsonSerializer.Deserialize(outcome.Value, JsonLines.Default.AnswerLine)! with { Again = true };
                case KeyedState.Begun when command.Repetition == Repetition.Unknown:
                    throw new ProgramException(FailureCode.OutcomeUnknown, $"a command of the key \"{key}\" was begun, and it is not known whether it was done");
            }
        }
        if (command.Repetition == Repetition.Message)
            return await command.Run(session, request);
        return await DoAndKeepAsync(session, command, request, key);
    }

    private static async Task<AnswerLine?> DoAndKeepAsync(JsonSession session, JsonCommand command, JsonRequest request, string key)
    {
        Keep(KeyedState.Begun, []);
        try
        {
            AnswerLine? answer = await command.Run(session, request);
            Keep(KeyedState.Done, JsonSerializer.SerializeToUtf8Bytes(answer!, JsonLines.Default.AnswerLine));
            return answer;
        }
        catch (Exception failure) when (Failures.IsExpected(failure) && ProgramException.Of(failure).Code is { } code && code != FailureCode.Offline && code != FailureCode.RoomNotNow)
        {
            // Refused before anything was done. When the connection ends in the midst of it, nobody knows.
            Keep(KeyedState.Open, []);
            throw;
        }

        void Keep(KeyedState state, byte[] value) => session.Client.KeepOutcome(key, new KeyedOutcome(state, request.Digest(), value).Encode());
    }

    private static ProgramException Reused(string key) => new(FailureCode.KeyReused, $"the key \"{key}\" was given to another command before");
}

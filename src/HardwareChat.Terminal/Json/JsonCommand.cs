using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Json;

/// <summary>How a command is done again under the same key, when the program was killed before it was known to be done.</summary>
internal enum Repetition
{
    /// <summary>It takes no key: it changes nothing, or changes to the same as before.</summary>
    NoKey,

    /// <summary>A message: it is in the outbox with its key, or it was never begun.</summary>
    Message,

    /// <summary>Done again, it finds done what was done.</summary>
    Again,

    /// <summary>Not to be done twice: nobody but the program can find out.</summary>
    Unknown,
}

/// <summary>A command: what a program gives in <c>do</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Required">Fields that it wants.</param>
/// <param name="Optional">Fields that it may have.</param>
/// <param name="Help">What it does, and what its answer has.</param>
/// <param name="Repetition">What a key means to it.</param>
/// <param name="Run">Does it; null if it has written its answer itself.</param>
internal sealed record JsonCommand(string Name, string[] Required, string[] Optional, string Help, Repetition Repetition, Func<JsonSession, JsonRequest, Task<AnswerLine?>> Run)
{
    /// <summary>Whether it waits for the first attempt to connect.</summary>
    public bool NeedsRelay { get; init; } = true;

    /// <summary>The command of a request, whose fields are those of the command.</summary>
    /// <exception cref="ProgramException">There is none, or its fields are others.</exception>
    public static JsonCommand Of(JsonRequest request)
    {
        JsonCommand command = JsonCommandTable.Find(request.Do)
            ?? throw new RequestException(request.Id, FailureCode.UnknownCommand, $"there is no command \"{(request.Do.Length <= 60 ? request.Do : "(a long name)")}\"; hello lists those there are");
        if (command.Required.FirstOrDefault(field => !request.Names.Contains(field)) is { } missing)
            throw new RequestException(request.Id, FailureCode.MissingField, $"\"{command.Name}\" wants \"{missing}\"");
        if (request.Names.FirstOrDefault(field => !command.Takes(field)) is { } other)
            throw new RequestException(request.Id, FailureCode.UnknownField, $"\"{command.Name}\" has no field \"{other}\"");
        return command;
    }

    private bool Takes(string field)
        => field is "do" or "id" || (field == "key" && Repetition != Repetition.NoKey) || Required.Contains(field) || Optional.Contains(field);
}

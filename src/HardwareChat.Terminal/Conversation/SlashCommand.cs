using System.Globalization;
using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Conversation;

/// <summary>What stands behind a command's name.</summary>
internal sealed class CommandText(string text)
{
    private string _rest = text.Trim();

    /// <summary>Whether nothing is left.</summary>
    public bool IsEmpty => _rest.Length == 0;

    /// <summary>All that is left.</summary>
    public string Rest
    {
        get
        {
            string rest = _rest;
            _rest = "";
            return rest;
        }
    }

    /// <summary>The next word; null if there is none.</summary>
    public string? Word()
    {
        if (IsEmpty)
            return null;
        int end = _rest.IndexOfAny([' ', '\n']);
        string word = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? "" : _rest[end..].TrimStart();
        return word;
    }

    /// <summary>The next word, if it is this one.</summary>
    public bool Takes(string word)
    {
        string before = _rest;
        if (Word() == word)
            return true;
        _rest = before;
        return false;
    }

    /// <summary>The place that the next word names, as "12" or "#12"; null if it names none.</summary>
    public ulong? Place()
    {
        string before = _rest;
        if (Word() is { } word && ulong.TryParse(word.AsSpan(word.StartsWith('#') ? 1 : 0), NumberStyles.None, CultureInfo.InvariantCulture, out ulong place))
            return place;
        _rest = before;
        return null;
    }

    /// <summary>The handles that are left, at least one.</summary>
    /// <exception cref="CommandException">None, or one that is no handle.</exception>
    public IReadOnlyList<Handle> Handles()
    {
        List<Handle> handles = [];
        while (Word() is { } word)
            handles.Add(Protocol.Handle.TryParse(word.TrimStart('@'), out Handle handle) ? handle : throw new CommandException($"\"{word}\" is not a handle"));
        return handles.Count > 0 ? handles : throw new CommandException("whom? Give a handle");
    }

    /// <summary>The one handle that comes next.</summary>
    /// <exception cref="CommandException">None.</exception>
    public Handle Handle() => Word() is { } word
        ? Protocol.Handle.TryParse(word.TrimStart('@'), out Handle handle) ? handle : throw new CommandException($"\"{word}\" is not a handle")
        : throw new CommandException("whom? Give a handle");
}

/// <summary>A command: what a person types behind a slash.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">What stands behind the name, for help.</param>
/// <param name="Help">What it does, in a sentence.</param>
/// <param name="Run">Does it.</param>
internal sealed record SlashCommand(string Name, string Arguments, string Help, Func<Desk, CommandText, Task> Run)
{
    /// <summary>Another name for it.</summary>
    public string? Alias { get; init; }

    /// <summary>How it is written.</summary>
    public string Usage => Arguments.Length > 0 ? $"/{Name} {Arguments}" : $"/{Name}";
}

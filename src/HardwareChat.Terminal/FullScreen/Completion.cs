using HardwareChat.Terminal.Conversation;

namespace HardwareChat.Terminal.FullScreen;

/// <summary>What Tab makes of a word: a command, a handle, or a room.</summary>
internal static class Completion
{
    /// <summary>Completes the word before the cursor as far as it is sure; the choices that are left, if there is more than one.</summary>
    public static IReadOnlyList<string> Complete(Composer composer, Desk desk)
    {
        (int start, string word) = composer.WordAtCursor();
        string[] choices = [.. ChoicesOf(composer.Text, start, word, desk).Where(choice => choice.StartsWith(word, StringComparison.Ordinal)).Distinct()];
        if (choices.Length == 0)
            return [];
        string common = choices.Aggregate(static (one, other) => one[..one.Zip(other).TakeWhile(static pair => pair.First == pair.Second).Count()]);
        if (choices is [var only])
            composer.Complete(only + " ");
        else if (common.Length > word.Length)
            composer.Complete(common);
        return choices.Length > 1 ? choices : [];
    }

    private static IEnumerable<string> ChoicesOf(string text, int start, string word, Desk desk)
    {
        if (start == 0 && word.StartsWith('/'))
            return CommandTable.All.Select(static command => $"/{command.Name}");
        if (!desk.IsReady)
            return [];
        IEnumerable<string> handles = desk.Client.Registry.Users.Keys.Select(static handle => handle.ToString());
        if (word.StartsWith('@'))
            return handles.Select(static handle => $"@{handle}");
        if (text.StartsWith("/room ", StringComparison.Ordinal) || text.StartsWith("/accept ", StringComparison.Ordinal))
            return desk.Rooms.Select(static room => room.Title.Split(' ')[0]);
        return text.StartsWith('/') && start > 0 ? handles : [];
    }
}

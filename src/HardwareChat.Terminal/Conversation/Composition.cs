using System.Text.RegularExpressions;
using HardwareChat.Client.Content;
using HardwareChat.Client.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Conversation;

/// <summary>From what somebody types to the message that says it.</summary>
internal static partial class Composition
{
    /// <summary>The message of a typed text, which is Markdown: @HANDLE names a user of the community.</summary>
    /// <exception cref="CommandException">It is too long.</exception>
    public static MessageContent Of(RegistryState registry, string text)
    {
        string named = Mention().Replace(text, match =>
            Handle.TryParse(match.Groups[1].Value, out Handle handle) && registry.User(handle) is not null ? Markdown.Mention(handle) : match.Value);
        return System.Text.Encoding.UTF8.GetByteCount(named) <= ContentLimits.TextBytes
            ? new MessageContent(named, TextFormat.Markdown)
            : throw new CommandException($"a message has at most {ContentLimits.TextBytes / 1024} KiB; send it as a file");
    }

    // A handle ends with a letter or digit, so the full stop of a sentence is not part of it.
    [GeneratedRegex(@"(?<![\w@\[`])@([a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?)(?![\w@])", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mention();
}

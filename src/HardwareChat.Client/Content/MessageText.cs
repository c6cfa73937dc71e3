using HardwareChat.Client.Text;
using HardwareChat.Wire;

namespace HardwareChat.Client.Content;

/// <summary>The words of a kept message: what search finds it by.</summary>
public static class MessageText
{
    /// <summary>Options of a vault whose messages are searched by their words and the names of their files.</summary>
    public static VaultOptions Searched => new() { MessageText = Of };

    /// <summary>The words of a message and the names of its files; null where there are none.</summary>
    public static string? Of(StoredMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ContentOf(message) is MessageContent content
            ? HarmlessText.Lines(string.Join('\n', [content.Text, .. content.Attachments.Select(static file => file.FileName)]))
            : null;
    }

    /// <summary>What a kept message says; null for notices, troubles, and what was taken back.</summary>
    public static RoomContent? ContentOf(StoredMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Kind != MessageKind.Content || message.IsDeleted)
            return null;
        try
        {
            return RoomContent.Read(MimiContent.Decode(message.Content));
        }
        catch (DecodeException)
        {
            // Another version of the client kept it.
            return new UnsupportedContent("kept in a form that this version does not know", [], null);
        }
    }
}

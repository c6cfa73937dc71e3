using System.Text.Encodings.Web;
using System.Text.Json;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

// One JSON object a line: {"export":...} first, then {"contact":...}, and for each room {"room":...} and its {"message":...}s, oldest first.
// Names are those of JSON mode where it has them. Text is escaped so that a line holds no control characters, whatever somebody wrote.

/// <summary>Writes rooms, history and contacts for people and programs to read. Not sealed: the face asks first.</summary>
internal static class ReadableExport
{
    private const int AtOnce = 500;

    private static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.Default };

    public static void Write(Vault vault, Func<StoredMessage, string?>? textOf, Stream output)
    {
        Line(output, static (json, _) =>
        {
            json.WriteNumber("v", 1);
            json.WriteString("export", "hwchat");
        }, 0);
        foreach (StoredContact contact in vault.Read(static transaction => transaction.Contacts.All()))
            Line(output, WriteContact, contact);
        foreach (StoredRoom room in vault.Read(static transaction => transaction.Rooms.All()))
        {
            Line(output, static (json, room) =>
            {
                json.WriteString("room", room.Id.ToString());
                json.WriteString("title", room.Title);
            }, room);
            for (ulong next = 0; vault.Read(transaction => transaction.Messages.From(room.Id, next, AtOnce)) is { Count: > 0 } page; next = page[^1].Sequence + 1)
            {
                foreach (StoredMessage message in page)
                    Line(output, WriteMessage, (message, textOf?.Invoke(message)));
            }
        }

        output.Flush();
    }

    private static void WriteContact(Utf8JsonWriter json, StoredContact contact)
    {
        json.WriteString("contact", contact.Handle.ToString());
        json.WriteStartArray("verified");
        foreach (TokenId token in contact.VerifiedTokens)
            json.WriteStringValue(token.ToString());
        json.WriteEndArray();
        if (contact.VerifiedTokens.Count > 0)
            json.WriteString("verified_at", Time(contact.VerifiedAt));
        json.WriteBoolean("follows_added_tokens", contact.FollowsAddedTokens);
        json.WriteString("note", contact.Note);
    }

    private static void WriteMessage(Utf8JsonWriter json, (StoredMessage Message, string? Text) entry)
    {
        (StoredMessage message, string? text) = entry;
        json.WriteString("message", $"{message.Room}:{message.Sequence}");
        json.WriteString("at", Time(message.Time));
        json.WriteString("kind", message.Kind.ToString().ToLowerInvariant());
        json.WriteString("state", message.State.ToString().ToLowerInvariant());
        if (message.Sender is Handle sender)
            json.WriteString("from", sender.ToString());
        if (message.Token is TokenId token)
            json.WriteString("token", token.ToString());
        if (!message.Id.IsEmpty)
            json.WriteString("id", Convert.ToHexStringLower(message.Id.Span));
        json.WriteBoolean("edited", message.IsEdited);
        json.WriteBoolean("deleted", message.IsDeleted);
        if (text is not null)
            json.WriteString("text", text);
        json.WriteBase64String("content", message.Content.Span);
        json.WriteStartArray("reactions");
        foreach (Reaction reaction in message.Reactions)
        {
            json.WriteStartObject();
            json.WriteString("from", reaction.Sender.ToString());
            json.WriteString("text", reaction.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Line<T>(Stream output, Action<Utf8JsonWriter, T> write, T value)
    {
        using (var json = new Utf8JsonWriter(output, Form))
        {
            json.WriteStartObject();
            write(json, value);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static string Time(ulong seconds)
        => seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture) : "";
}

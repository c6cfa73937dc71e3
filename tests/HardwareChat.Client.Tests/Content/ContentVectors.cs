using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HardwareChat.Client.Attachments;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests.Content;

/// <summary>One message of each kind, every byte from fixed seeds: tests/vectors/content.json and the corpus.</summary>
internal static class ContentVectors
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Handle Sender { get; } = Handle.Parse("alice");

    public static RoomId Room { get; } = RoomId.FromBytes(Digest.Of("room"u8).ToArray());

    public static MessageId Earlier { get; } = MessageId.Of(Sender, Room, "earlier"u8, "salt"u8);

    public static AttachmentManifest Manifest { get; } = new()
    {
        Blob = Digest.Of("blob"u8),
        Size = 1_000_000,
        Key = Digest.Of("key"u8).ToArray(),
        NoncePrefix = Digest.Of("nonce"u8).ToArray().AsMemory(0, SealedFile.NoncePrefixSize),
        Hash = Digest.Of("sealed"u8),
        ContentType = "image/png",
        FileName = "map.png",
        Description = "where we meet",
    };

    public static IReadOnlyDictionary<string, MimiContent> Messages { get; } = new Dictionary<string, RoomContent>
    {
        ["text"] = new MessageContent("It is *done*.", TextFormat.Markdown),
        ["plain"] = new MessageContent("2 * 3 * 4", TextFormat.Plain),
        ["mention"] = new MessageContent($"Thanks, [@bob]({ContentUri.OfUser(Handle.Parse("bob"))})!", TextFormat.Markdown),
        ["reply"] = new MessageContent("Agreed.", TextFormat.Markdown) { InReplyTo = Earlier },
        ["edit"] = new MessageContent("It is **not** done.", TextFormat.Markdown) { Replaces = Earlier },
        ["delete"] = new DeletionContent(Earlier),
        ["reaction"] = new ReactionContent(Earlier, "👍🏽"),
        ["attachment"] = new MessageContent("", TextFormat.Markdown) { Attachments = [Manifest] },
        ["attachment with text"] = new MessageContent("The map.", TextFormat.Markdown) { Attachments = [Manifest] },
        ["expires at"] = new MessageContent("Gone by noon.", TextFormat.Markdown) { Expires = new Expiration(false, 1_800_000_000) },
        ["expires after reading"] = new MessageContent("Read and forget.", TextFormat.Markdown) { Expires = new Expiration(true, 60) },
        ["status"] = new StatusContent([new MessageStatus(Earlier, DeliveryStatus.Delivered), new MessageStatus(Earlier, DeliveryStatus.Read)]),
        ["title"] = new TitleContent("Ärger im Büro"),
        ["picture"] = new PictureContent(Manifest),
        ["no picture"] = new PictureContent(null),
        ["hello"] = new HelloContent(),
        ["phrase"] = new PhraseContent(3, Digest.Of("psk"u8).ToArray()),
    }.ToDictionary(message => message.Key, message => message.Value.ToMimi(Digest.Of(Encoding.UTF8.GetBytes(message.Key)).ToArray().AsMemory(0, MimiContent.SaltSize)));

    public static string Create()
    {
        var messages = new JsonArray();
        foreach ((string name, MimiContent message) in Messages)
        {
            byte[] encoded = message.Encode();
            messages.Add(new JsonObject
            {
                ["kind"] = name,
                ["mimi_content"] = Convert.ToHexStringLower(encoded),
                ["message_id"] = message.IdOf(Sender, Room, encoded).ToString(),
                ["padded"] = ContentPadding.Pad(encoded).Length,
            });
        }
        return new JsonObject
        {
            ["draft"] = "draft-ietf-mimi-content-09",
            ["sender_uri"] = ContentUri.OfUser(Sender),
            ["room_uri"] = ContentUri.OfRoom(Room),
            ["messages"] = messages,
        }.ToJsonString(Format) + "\n";
    }
}

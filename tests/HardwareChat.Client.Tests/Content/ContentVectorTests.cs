using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HardwareChat.Client.Content;

namespace HardwareChat.Client.Tests.Content;

public static class ContentVectorTests
{
    private static string Tests => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourceFile())!, "..", ".."));

    private static string VectorFile => Path.Combine(Tests, "vectors", "content.json");

    [Fact]
    public static void Vectors_are_what_the_generator_makes()
        => Assert.Equal(File.ReadAllText(VectorFile), ContentVectors.Create());

    [Fact]
    public static void Every_vector_decodes_to_its_kind_and_encodes_to_its_bytes()
    {
        JsonArray messages = JsonNode.Parse(File.ReadAllText(VectorFile))!["messages"]!.AsArray();
        Assert.Equal(ContentVectors.Messages.Count, messages.Count);
        foreach (JsonNode? message in messages)
        {
            byte[] bytes = Convert.FromHexString((string)message!["mimi_content"]!);
            MimiContent decoded = MimiContent.Decode(bytes);
            Assert.Equal(bytes, decoded.Encode());
            Assert.Equal(RoomContent.Read(ContentVectors.Messages[(string)message["kind"]!]).GetType(), RoomContent.Read(decoded).GetType());
            Assert.IsNotType<UnsupportedContent>(RoomContent.Read(decoded));
        }
    }

    // The draft's formula written out once more, with nothing shared but SHA-256.
    [Fact]
    public static void Message_id_is_the_drafts_hash()
    {
        JsonNode file = JsonNode.Parse(File.ReadAllText(VectorFile))!;
        byte[] sender = Encoding.UTF8.GetBytes((string)file["sender_uri"]!);
        byte[] room = Encoding.UTF8.GetBytes((string)file["room_uri"]!);
        foreach (JsonNode? message in file["messages"]!.AsArray())
        {
            byte[] content = Convert.FromHexString((string)message!["mimi_content"]!);
            byte[] salt = content[2..18];
            byte[] hash = SHA256.HashData([0, (byte)sender.Length, .. sender, 0, (byte)room.Length, .. room, .. content, .. salt]);
            Assert.Equal((string)message["message_id"]!, "01" + Convert.ToHexStringLower(hash)[..62]);
        }
    }

    [Fact(Explicit = true)]
    public static void Write_the_vectors_and_the_fuzz_corpus()
    {
        File.WriteAllText(VectorFile, ContentVectors.Create());
        foreach ((string name, MimiContent message) in ContentVectors.Messages)
        {
            WriteCorpus(nameof(MimiContent), name, message.Encode());
            if (name is "hello" or "phrase" or "attachment")
                WriteCorpus(nameof(ContentPadding), name, ContentPadding.Pad(message.Encode()));
        }
        WriteCorpus(nameof(MimiContent), "nested", NestedMessages.Deep.Encode());
        WriteCorpus(nameof(MimiContent), "extensions", NestedMessages.Extended.Encode());
    }

    private static void WriteCorpus(string target, string name, byte[] bytes)
    {
        string folder = Path.Combine(Tests, "HardwareChat.Fuzz", "corpus", $"Client.{target}");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, $"{name.Replace(' ', '-')}.bin"), bytes);
    }

    private static string SourceFile([CallerFilePath] string path = "") => path;
}

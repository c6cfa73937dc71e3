using System.Text.Json;
using System.Text.RegularExpressions;

namespace HardwareChat.Protocol.Tests;

/// <summary>docs/PROTOCOL.md against the code.</summary>
public sealed partial class ProtocolDocumentTests
{
    private static string Document { get; } = File.ReadAllText(Path.Combine(SharedFiles.Repository, "docs", "PROTOCOL.md"));

    [Fact]
    public void The_hex_of_the_worked_example_is_what_the_code_produces()
    {
        using JsonDocument vectors = JsonDocument.Parse(Vectors.VectorFiles.Create()["channel.json"]);
        var blocks = HexBlock().Matches(Document).ToDictionary(static block => block.Groups[1].Value, static block => Whitespace().Replace(block.Groups[2].Value, ""));
        string[] expected =
        [
            "touch", "touch_signature", "prologue", "client_static_private", "client_ephemeral_private", "relay_static_private", "relay_ephemeral_private", "message_1", "relay_auth",
            "message_2", "client_auth", "message_3", "handshake_hash", "ready", "ready_record", "append_frame", "append_record", "appended_frame", "appended_record", "close_record",
        ];
        Assert.Equal(expected, blocks.Keys);
        foreach ((string name, string hex) in blocks)
            Assert.Equal((name, vectors.RootElement.GetProperty(name).GetString()), (name, hex));
    }

    [Fact]
    public void Every_kind_of_frame_stands_in_the_table_with_its_number_and_no_other()
    {
        var rows = Regex.Matches(Document, @"^\| 0x([0-9A-F]{2}) \| `(\w+)` \|", RegexOptions.Multiline)
            .Select(static row => (Convert.ToByte(row.Groups[1].Value, 16), row.Groups[2].Value));
        Assert.Equal(Enum.GetValues<FrameKind>().Select(static kind => ((byte)kind, kind.ToString())), rows);
    }

    [Fact]
    public void Every_error_code_stands_in_the_table_with_its_number()
    {
        foreach (ErrorCode code in Enum.GetValues<ErrorCode>())
            Assert.Contains($"\n| {(byte)code} | `{code}` |", Document, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_check_of_the_handshake_is_described()
    {
        foreach (ChannelRule rule in Enum.GetValues<ChannelRule>().Where(static rule => rule < ChannelRule.RecordSize))
            Assert.Contains($"`{rule}`", Document, StringComparison.Ordinal);
    }

    [GeneratedRegex("```hex (\\w+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex HexBlock();

    [GeneratedRegex(@"\s")]
    private static partial Regex Whitespace();
}

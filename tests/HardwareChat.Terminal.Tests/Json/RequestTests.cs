using System.Text;
using HardwareChat.Terminal.Json;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Tests.Json;

/// <summary>Lines that are commands, and lines that are none.</summary>
public static class RequestTests
{
    public static TheoryData<string, string, string?> Refused => new()
    {
        { "", "request.malformed", null },
        { "[]", "request.malformed", null },
        { "garbage", "request.malformed", null },
        { """{"do":"status"} {"do":"status"}""", "request.malformed", null },
        { """{"id":"7","do":"status" """, "request.malformed", "7" },
        { """{"id":"7"}""", "request.missing_field", "7" },
        { """{"id":"7","do":"fly"}""", "request.unknown_command", "7" },
        { """{"do":"status","wings":[[[[1]]]],"id":"7"}""", "request.malformed", null },
        { """{"do":"status","wings":[{"a":1}],"id":"7"}""", "request.unknown_field", "7" },
        { """{"do":"status","room":"00","id":"7"}""", "request.unknown_field", "7" },
        { """{"do":"status","key":"k","id":"7"}""", "request.unknown_field", "7" },
        { """{"do":"send","room":"00","id":"7"}""", "request.missing_field", "7" },
        { """{"do":"send","room":1,"text":"a","id":"7"}""", "request.bad_value", "7" },
        { """{"do":"send","room":"0","room":"1","text":"a","id":"7"}""", "request.bad_value", "7" },
        { """{"do":"send","room":"0","text":"\ud800","id":"7"}""", "request.bad_value", "7" },
        { """{"do":"room.join","room":"0","phrase":"\ud800","id":"7"}""", "request.bad_value", "7" },
        { """{"do":"mark","room":"0","seq":-1,"id":"7"}""", "request.bad_value", "7" },
        { """{"do":"mark","room":"0","seq":1.5,"id":"7"}""", "request.bad_value", "7" },
        { """{"do":"subscribe","rooms":["a",["b"]],"id":"7"}""", "request.bad_value", "7" },
        { """{"do":"status","id":7}""", "request.bad_value", null },
        { """{"do":"status","id":""}""", "request.bad_value", null },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public static void What_is_no_command_is_refused_with_a_code_and_its_id(string line, string code, string? id)
    {
        RequestException refused = Assert.Throws<RequestException>(() =>
        {
            using JsonRequest request = JsonRequest.Decode(Encoding.UTF8.GetBytes(line));
            JsonCommand.Of(request);
        });

        Assert.Equal(code, refused.Code.Name);
        Assert.Equal(id, refused.Id);
        Assert.NotEmpty(refused.Message);
    }

    [Fact]
    public static void Bytes_that_are_not_utf8_are_refused()
        => Assert.Equal(FailureCode.Malformed, Assert.Throws<RequestException>(static () => JsonRequest.Decode([.. "{\"do\":\"st"u8, 0xFF, .. "\"}"u8])).Code);

    [Fact]
    public static void Fields_are_what_the_line_says_and_the_phrase_is_in_memory_that_is_zeroed()
    {
        ReadOnlyMemory<char> phrase;
        using (JsonRequest request = JsonRequest.Decode("""{"id":"1","do":"room.join","room":"aa","phrase":"a \u00fc b","key":"k"}"""u8))
        {
            Assert.Equal("room.join", JsonCommand.Of(request).Name);
            Assert.Equal(["id", "do", "room", "phrase", "key"], request.Names);
            phrase = request.Phrase!.Memory;
            Assert.Equal("a ü b", phrase.ToString());
        }
        Assert.Equal(new string('\0', 5), phrase.ToString());
    }

    [Fact]
    public static void Two_requests_ask_the_same_if_they_differ_in_id_and_key_and_order_alone()
    {
        static byte[] DigestOf(string line)
        {
            using JsonRequest request = JsonRequest.Decode(Encoding.UTF8.GetBytes(line));
            return request.Digest();
        }

        byte[] first = DigestOf("""{"id":"1","do":"send","room":"r","text":"t","key":"k"}""");
        Assert.Equal(first, DigestOf("""{"text":"t","room":"r","do":"send"}"""));
        Assert.NotEqual(first, DigestOf("""{"text":"tt","room":"r","do":"send"}"""));
        Assert.NotEqual(DigestOf("""{"do":"room.add","handles":["ab","c"]}"""), DigestOf("""{"do":"room.add","handles":["a","bc"]}"""));
    }

    [Fact]
    public static void Lines_are_bounded_and_the_next_one_is_read_whole()
    {
        byte[] input = [.. "one\r\n"u8, .. new byte[300_000], (byte)'\n', .. "two\n\n"u8, .. "123456789012345678901\nlast"u8];
        using var stream = new MemoryStream(input);
        using var reader = new LineReader(stream, 20);
        List<string> read = [];
        for (LineKind kind; (kind = reader.Read(out ReadOnlyMemory<byte> line)) != LineKind.End;)
            read.Add(kind == LineKind.TooLong ? "too long" : Encoding.UTF8.GetString(line.Span));

        Assert.Equal(["one", "too long", "two", "", "too long", "last"], read);
    }

    [Fact]
    public static void Every_command_refuses_each_field_that_it_does_not_have_and_wants_each_that_it_must()
    {
        foreach (JsonCommand command in JsonCommandTable.All)
        {
            Assert.All(command.Required, field => Assert.NotNull(JsonField.Find(field)));
            Assert.All(command.Optional, field => Assert.NotNull(JsonField.Find(field)));
            Assert.Empty(command.Required.Intersect(command.Optional));
            Assert.EndsWith(".", command.Help, StringComparison.Ordinal);
        }
        Assert.Equal(JsonCommandTable.All.Count, JsonCommandTable.All.Select(static command => command.Name).Distinct().Count());
        Assert.Empty(JsonField.All.Select(static field => field.Name).Except(["do", "id", "key", .. JsonCommandTable.All.SelectMany(static command => command.Required.Concat(command.Optional))]));
    }
}

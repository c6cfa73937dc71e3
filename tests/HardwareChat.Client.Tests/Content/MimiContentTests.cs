using System.Formats.Cbor;
using CsCheck;
using HardwareChat.Client.Attachments;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Tests.Content;

public static class MimiContentTests
{
    private static readonly byte[] Valid = ContentVectors.Messages["text"].Encode();

    [Fact]
    public static void Sample_decodes() => Assert.Equal(Valid, MimiContent.Decode(Valid).Encode());

    [Fact]
    public static void Every_prefix_and_every_trailing_byte_is_refused()
    {
        for (int length = 0; length < Valid.Length; length++)
            Assert.Throws<DecodeException>(() => MimiContent.Decode(Valid.AsMemory(0, length)));
        Assert.Throws<DecodeException>(() => MimiContent.Decode((byte[])[.. Valid, 0]));
    }

    [Theory]
    [InlineData("1800", "an integer in two bytes that fits one")]
    [InlineData("1900ff", "an integer in three bytes that fits two")]
    [InlineData("1a0000ffff", "an integer in five bytes that fits three")]
    [InlineData("1b00000000ffffffff", "an integer in nine bytes that fits five")]
    [InlineData("9f00ff", "an array of indefinite length")]
    [InlineData("5f4100ff", "bytes of indefinite length")]
    [InlineData("62c328", "text that is not UTF-8")]
    [InlineData("63eda080", "a surrogate in UTF-8")]
    [InlineData("a201000100", "a key twice")]
    [InlineData("a202000100", "keys that descend")]
    [InlineData("a1800", "an array as a key")]
    [InlineData("a11b002000000000000000", "a key above 2^53")]
    [InlineData("fb3ff8000000000000", "a double that fits a half")]
    [InlineData("fa3fc00000", "a single that fits a half")]
    [InlineData("f97e01", "another NaN")]
    [InlineData("fa7fc00000", "a NaN of four bytes")]
    [InlineData("fb7ff8000000000000", "a NaN of eight bytes")]
    [InlineData("f820", "a simple value nobody assigned")]
    [InlineData("e0", "a simple value nobody assigned, short")]
    [InlineData("1c", "a reserved head")]
    [InlineData("c24101", "a big integer that fits an ordinary one")]
    [InlineData("c249000102030405060708", "a big integer with a leading zero")]
    [InlineData("9b7fffffffffffffff", "an array that promises 2^63 items")]
    [InlineData("5b7fffffffffffffff", "bytes that promise 2^63 bytes")]
    [InlineData("818181818180", "six levels where five are allowed")]
    public static void Cbor_that_is_not_deterministic_is_refused(string hex, string because)
    {
        if (hex.Length % 2 == 1)
            hex += "0";
        Assert.ThrowsAny<DecodeException>(() => DeterministicCbor.Check(Convert.FromHexString(hex), 5));
        Assert.NotEmpty(because);
    }

    [Theory]
    [InlineData("1818")]
    [InlineData("a3010018640020f6")]
    [InlineData("f97e00")]
    [InlineData("fa47c35000")]
    [InlineData("fb3ff199999999999a")]
    [InlineData("c249010203040506070809")]
    [InlineData("c11a514b67b0")]
    [InlineData("8181818180")]
    public static void Cbor_that_is_deterministic_passes(string hex) => DeterministicCbor.Check(Convert.FromHexString(hex), 5);

    // Judged by another reader: whatever System.Formats.Cbor writes of these values is deterministic; and what our walk lets pass, it can read.
    [Fact]
    public static void What_the_walk_lets_pass_another_reader_reads()
        => Gen.Byte.Array[0, 40].Sample(
            bytes =>
            {
                try
                {
                    DeterministicCbor.Check(bytes, 8);
                }
                catch (DecodeException)
                {
                    return;
                }
                var reader = new CborReader(bytes, CborConformanceMode.Strict);
                reader.SkipValue();
                Assert.Equal(0, reader.BytesRemaining);
            },
            iter: 20_000);

    [Fact]
    public static void Integers_of_any_size_are_written_in_the_form_that_is_read()
        => Gen.ULong.Sample(value =>
        {
            var writer = new CborWriter(CborConformanceMode.Strict);
            writer.WriteUInt64(value);
            DeterministicCbor.Check(writer.Encode(), 0);
        });

    [Fact]
    public static void Four_levels_of_parts_are_read_and_five_are_not()
    {
        Assert.Equal(NestedMessages.Deep.Encode(), MimiContent.Decode(NestedMessages.Deep.Encode()).Encode());
        Assert.Throws<DecodeException>(() => MimiContent.Decode(NestedMessages.TooDeep.Encode()));
    }

    [Fact]
    public static void Extensions_stay_as_they_came()
        => Assert.Equal(NestedMessages.Extended.Encode(), MimiContent.Decode(NestedMessages.Extended.Encode()).Encode());

    [Theory]
    [InlineData("4101", "00")]
    [InlineData("60", "00")]
    [InlineData("01", "8181818180")]
    public static void Extension_with_a_key_of_bytes_an_empty_key_or_too_many_levels_is_refused(string key, string value)
    {
        MimiContent content = NestedMessages.Extended with { Extensions = [NestedMessages.Extension(key, value)] };
        Assert.Throws<DecodeException>(() => MimiContent.Decode(content.Encode()));
    }

    [Fact]
    public static void Numbers_beyond_the_limits_are_refused()
    {
        NestedPart part = new SinglePart(Disposition.Render, "", "text/plain", default);
        Assert.Throws<DecodeException>(() => MimiContent.Decode(
            NestedMessages.Message(NestedMessages.Multi(PartSemantics.ProcessAll, [.. Enumerable.Repeat(part, ContentLimits.Parts)])).Encode()));
        MimiContent many = NestedMessages.Extended with
        {
            Extensions = [.. Enumerable.Range(0, ContentLimits.Extensions + 1).Select(key => NestedMessages.Extension(key < 24 ? $"{key:x2}" : $"18{key:x2}", "00"))],
        };
        Assert.Throws<DecodeException>(() => MimiContent.Decode(many.Encode()));
        Assert.Throws<DecodeException>(() => MimiContent.Decode(new byte[ContentLimits.PaddedBytes + 1]));
        Assert.Throws<DecodeException>(() => MimiContent.Decode(NestedMessages.Message(NestedMessages.Multi(PartSemantics.ChooseOne, part)).Encode()));
    }

    [Fact]
    public static void Any_message_is_read_as_it_was_written()
        => Gen.Select(Gen.String[0, 200], Gen.Bool, Gen.Bool, Gen.UInt, Gen.Byte.Array[16]).Sample((text, markdown, reply, time, salt) =>
        {
            string utf16 = new([.. text.Where(c => !char.IsSurrogate(c))]);
            var message = new MessageContent(utf16, markdown ? TextFormat.Markdown : TextFormat.Plain)
            {
                InReplyTo = reply ? ContentVectors.Earlier : null,
                Expires = new Expiration(markdown, time),
            };
            byte[] encoded = message.ToMimi(salt).Encode();
            var read = Assert.IsType<MessageContent>(RoomContent.Read(MimiContent.Decode(encoded)));
            Assert.Equal((message.Text, message.Format, message.InReplyTo, message.Expires), (read.Text, read.Format, read.InReplyTo, read.Expires));
        });

    [Fact]
    public static void A_choice_shows_the_first_part_that_can_be_shown_and_names_nothing_else()
    {
        var message = Assert.IsType<MessageContent>(RoomContent.Read(NestedMessages.Deep));
        Assert.Equal("Hi", message.Text);
        Assert.Equal(TextFormat.Plain, message.Format);
        Assert.Equal(["text/html"], message.UnsupportedTypes);
    }

    [Fact]
    public static void Unknown_content_is_unsupported_and_named()
    {
        var unsupported = Assert.IsType<UnsupportedContent>(RoomContent.Read(
            NestedMessages.Message(new SinglePart(Disposition.Session, "", "application/sdp", default)) with { Replaces = ContentVectors.Earlier }));
        Assert.Equal(["application/sdp"], unsupported.Types);
        Assert.Equal(ContentVectors.Earlier, unsupported.Replaces);
    }

    [Theory]
    [InlineData("text/plain", "no", false)]
    [InlineData("text/plain", "", false)]
    [InlineData("image/png", "x", false)]
    [InlineData("TEXT/PLAIN; charset=utf-8", "❤️", true)]
    [InlineData("text/plain", "👨‍👩‍👧‍👦", true)]
    public static void Reaction_is_one_character_of_text(string type, string text, bool isReaction)
    {
        MimiContent content = NestedMessages.Message(new SinglePart(Disposition.Reaction, "", type, System.Text.Encoding.UTF8.GetBytes(text))) with
        {
            InReplyTo = ContentVectors.Earlier,
        };
        Assert.Equal(isReaction, RoomContent.Read(content) is ReactionContent);
    }

    [Fact]
    public static void Text_that_is_not_utf8_is_unsupported_and_not_lost()
        => Assert.IsType<UnsupportedContent>(RoomContent.Read(
            NestedMessages.Message(new SinglePart(Disposition.Render, "", MediaType.Plain, (byte[])[0xC3, 0x28]))));

    [Fact]
    public static void Manifest_whose_numbers_do_not_fit_is_no_attachment()
    {
        ExternalPart good = ContentVectors.Manifest.ToPart(Disposition.Attachment);
        Assert.True(AttachmentManifest.TryRead(good, out AttachmentManifest? read));
        Assert.Equal(ContentVectors.Manifest.SealedSize, read.SealedSize);
        ExternalPart[] bad =
        [
            good with { Size = good.Size + 1 },
            good with { Size = 0 },
            good with { Url = "https://example.com/x" },
            good with { Url = good.Url.ToUpperInvariant() },
            good with { Url = good.Url.Replace("hwchat:b/", "hwchat:b/../", StringComparison.Ordinal) },
            good with { EncryptionAlgorithm = 0 },
            good with { HashAlgorithm = 2 },
            good with { Key = good.Key[..31] },
            good with { Nonce = default },
            good with { ContentHash = good.ContentHash[1..] },
            good with { AssociatedData = SealedFile.AssociatedDataOf(0) },
            good with { AssociatedData = (byte[])[255, 255, 255, 255, 255, 255, 255, 255], Size = ulong.MaxValue },
            good with { AssociatedData = SealedFile.AssociatedDataOf((long)AttachmentManifest.FileBytes + 1), Size = (ulong)SealedFile.SealedSizeOf((long)AttachmentManifest.FileBytes + 1) },
        ];
        Assert.All(bad, part => Assert.False(AttachmentManifest.TryRead(part, out _)));
    }

    [Fact]
    public static void Largest_file_fits_a_blob()
        => Assert.True((ulong)SealedFile.SealedSizeOf((long)AttachmentManifest.FileBytes) <= ProtocolLimits.BlobBytes);

    [Fact]
    public static void Nothing_secret_or_said_is_in_a_string()
    {
        foreach (MimiContent message in ContentVectors.Messages.Values)
        {
            RoomContent meaning = RoomContent.Read(message);
            Assert.Equal(meaning.GetType().Name, meaning.ToString());
            Assert.Equal(message.Body.GetType().Name, message.Body.ToString());
        }
        Assert.Equal(nameof(AttachmentManifest), ContentVectors.Manifest.ToString());
    }

    [Fact]
    public static void Same_words_of_two_users_or_rooms_have_two_ids()
    {
        MessageId id = MessageId.Of(ContentVectors.Sender, ContentVectors.Room, Valid, new byte[16]);
        Assert.NotEqual(id, MessageId.Of(Handle.Parse("bob"), ContentVectors.Room, Valid, new byte[16]));
        Assert.NotEqual(id, MessageId.Of(ContentVectors.Sender, RoomId.FromBytes(new byte[32]), Valid, new byte[16]));
        Assert.Equal(id, MessageId.Parse(id.ToString()));
        Assert.Throws<DecodeException>(() => MessageId.Parse("01"));
    }
}

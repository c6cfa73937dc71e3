using HardwareChat.Client.Content;

namespace HardwareChat.Client.Tests.Content;

/// <summary>Messages with more structure than we send.</summary>
internal static class NestedMessages
{
    private static readonly NestedPart Html = new SinglePart(Disposition.Render, "en", "text/html", "<h1>Hi</h1>"u8.ToArray());
    private static readonly NestedPart Text = new SinglePart(Disposition.Render, "en", "text/plain", "Hi"u8.ToArray());

    /// <summary>Four levels of parts: as deep as parts may be.</summary>
    public static MimiContent Deep { get; } = Message(
        Multi(PartSemantics.ChooseOne, Multi(PartSemantics.ProcessAll, Multi(PartSemantics.ChooseOne, Html, Text), Html), Html));

    /// <summary>One level too many.</summary>
    public static MimiContent TooDeep { get; } = Message(Multi(PartSemantics.ProcessAll, Deep.Body, Text));

    /// <summary>Extensions: the draft's sender and room, one of an integer and one of a text, and values four levels deep.</summary>
    public static MimiContent Extended { get; } = Message(Text) with
    {
        Extensions =
        [
            Extension("01", "63616263"),
            Extension("190100", "8182d820626162f97e00"),
            Extension("20", "a10102"),
            Extension("6161", "f6"),
        ],
    };

    public static MimiContent Message(NestedPart body) => new() { Salt = new byte[MimiContent.SaltSize], Body = body };

    public static MultiPart Multi(PartSemantics semantics, params NestedPart[] parts) => new(Disposition.Render, "", semantics, parts);

    public static ContentExtension Extension(string key, string value) => new(Convert.FromHexString(key), Convert.FromHexString(value));
}

using HardwareChat.Tokens.Apdu;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>GET DATA and PUT DATA.</summary>
internal static class ObjectCommands
{
    private const int DiscoveryObject = 0x7E;

    /// <summary>Bytes that one object may have: what a YubiKey takes.</summary>
    private const int LargestObject = 3052;

    /// <summary>Bytes that all objects may have together: what a YubiKey takes.</summary>
    private const int Memory = 51200;

    // SP 800-73-4 Part 1 Table 2: read with the PIN only. Fingerprints, facial image, printed information, iris images.
    private static readonly int[] PinProtected = [0x5FC103, 0x5FC108, 0x5FC109, 0x5FC121];

    // SP 800-73-4 Part 1 §3.3.2: the application, and that the PIV PIN alone satisfies access rules.
    private static readonly byte[] Discovery = Convert.FromHexString("7E124F0BA0000003080000100001005F2F024000");

    // SP 800-73-4 Part 2 §3.1.2.
    public static CardAnswer Get(CardContext card, in CommandApdu command)
    {
        if (command.P1 != 0x3F || command.P2 != 0xFF)
            return StatusWord.IncorrectParameters;
        var reader = new BerTlvReader(command.Data);
        int tag = Tag(reader.ReadValue(0x5C));
        reader.ThrowIfNotEmpty();
        if (tag == DiscoveryObject)
            return CardAnswer.Ok(Discovery);
        if (PinProtected.Contains(tag) && !card.Session.PinVerified)
            return StatusWord.SecurityStatusNotSatisfied;
        return card.State.Objects.TryGetValue(tag, out byte[]? content)
            ? CardAnswer.Ok(BerTlvWriter.Encode(0x53, content))
            : StatusWord.FileNotFound;
    }

    // SP 800-73-4 Part 2 §3.3.1. An empty object is one deleted.
    public static CardAnswer Put(CardContext card, in CommandApdu command)
    {
        if (!card.Session.ManagementAuthenticated)
            return StatusWord.SecurityStatusNotSatisfied;
        if (command.P1 != 0x3F || command.P2 != 0xFF)
            return StatusWord.IncorrectParameters;
        var reader = new BerTlvReader(command.Data);
        int tag = Tag(reader.ReadValue(0x5C));
        ReadOnlySpan<byte> content = reader.ReadValue(0x53);
        reader.ThrowIfNotEmpty();
        if (tag >> 16 != 0x5F)
            return StatusWord.IncorrectData;
        int others = card.State.Objects.Where(entry => entry.Key != tag).Sum(entry => entry.Value.Length);
        if (content.Length > LargestObject || others + content.Length > Memory)
            return StatusWord.NotEnoughMemory;
        card.State.PutObject(tag, content);
        return StatusWord.Success;
    }

    private static int Tag(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > 3)
            return 0;
        int tag = 0;
        foreach (byte next in bytes)
            tag = (tag << 8) | next;
        return tag;
    }
}

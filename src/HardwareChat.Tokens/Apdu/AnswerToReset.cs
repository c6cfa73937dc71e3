namespace HardwareChat.Tokens.Apdu;

/// <summary>What a card says of itself when it gets power (ISO/IEC 7816-3 §8.2), as far as it is of use here.</summary>
internal static class AnswerToReset
{
    private const int TsAndT0 = 2;
    private const byte CompactTlv = 0x80;
    private const int CapabilitiesTag = 7;
    private const byte ExtendedLengthBit = 0x40;

    /// <summary>Whether the card capabilities (ISO/IEC 7816-4 §8.1.1.2.7, third byte) name extended length. False for any bytes that do not say so.</summary>
    public static bool SaysExtendedLength(ReadOnlySpan<byte> atr)
    {
        ReadOnlySpan<byte> historical = HistoricalBytes(atr);
        if (historical.IsEmpty || historical[0] != CompactTlv)
            return false;
        historical = historical[1..];
        while (!historical.IsEmpty)
        {
            int length = historical[0] & 0x0F;
            if (length > historical.Length - 1)
                return false;
            if (historical[0] >> 4 == CapabilitiesTag)
                return length >= 3 && (historical[3] & ExtendedLengthBit) != 0;
            historical = historical[(1 + length)..];
        }

        return false;
    }

    // T0: the number of historical bytes, and in its upper half which of TA, TB, TC, TD follow; each TD says the same of the next four.
    private static ReadOnlySpan<byte> HistoricalBytes(ReadOnlySpan<byte> atr)
    {
        if (atr.Length < TsAndT0)
            return default;
        int count = atr[1] & 0x0F;
        int follow = atr[1] >> 4;
        int at = TsAndT0;
        while (follow != 0)
        {
            at += System.Numerics.BitOperations.PopCount((uint)follow);
            if ((follow & 0x08) == 0)
                break;
            if (at > atr.Length)
                return default;
            follow = atr[at - 1] >> 4;
        }

        return at + count <= atr.Length ? atr.Slice(at, count) : default;
    }
}

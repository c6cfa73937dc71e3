using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator.State;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>GENERAL AUTHENTICATE with a slot's key: a signature, or a key agreement.</summary>
internal static class KeyUseCommand
{
    private const int ChallengeTag = 0x81;
    private const int ResponseTag = 0x82;
    private const int ExponentiationTag = 0x85;

    // SP 800-73-4 Part 2 §3.2.4: P1 the algorithm, P2 the key; 81 what is signed, 85 the other party's point.
    public static CardAnswer Use(CardContext card, in CommandApdu command)
    {
        if (!PivSlot.TryFromId(command.P2, out PivSlot slot) || slot == PivSlot.Attestation)
            return StatusWord.IncorrectParameters;
        if (card.State.KeyIn(slot) is not { } key)
            return StatusWord.ReferencedDataNotFound;
        if (command.P1 != (byte)key.Material.Algorithm)
            return StatusWord.IncorrectParameters;
        BerTlvReader template = new BerTlvReader(command.Data).ReadNested(0x7C);
        ReadOnlySpan<byte> input = default;
        int operation = 0;
        while (!template.IsEmpty)
        {
            ReadOnlySpan<byte> value = template.Read(out int tag);
            if (tag == ResponseTag)
                continue;
            if (tag is not (ChallengeTag or ExponentiationTag))
                return StatusWord.IncorrectData;
            input = value;
            operation = tag;
        }
        if (!IsPinSatisfied(card.Session, key) || !card.Touch.Pass(key.TouchPolicy, slot.Id, card.Removed))
            return StatusWord.SecurityStatusNotSatisfied;
        byte[]? result = operation switch
        {
            ChallengeTag => key.Material.Sign(input),
            ExponentiationTag => key.Material.Agree(input),
            _ => null,
        };
        return result is null
            ? StatusWord.IncorrectData
            : CardAnswer.Ok(BerTlvWriter.Encode(0x7C, BerTlvWriter.Encode(ResponseTag, result)));
    }

    private static bool IsPinSatisfied(CardSession session, SlotKey key) => key.PinPolicy switch
    {
        PinPolicy.Never => true,
        PinPolicy.Once => session.PinVerified,
        _ => session.PinFresh,
    };
}

using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator.State;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>GET METADATA (firmware 5.3 and later): what a key reference holds, without using it.</summary>
internal static class MetadataCommand
{
    private const int AlgorithmTag = 0x01;
    private const int PolicyTag = 0x02;
    private const int OriginTag = 0x03;
    private const int PublicKeyTag = 0x04;
    private const int IsDefaultTag = 0x05;
    private const int RetriesTag = 0x06;

    public static CardAnswer Get(CardContext card, in CommandApdu command)
    {
        if (command.P1 != 0 || !command.Data.IsEmpty)
            return StatusWord.IncorrectParameters;
        return command.P2 switch
        {
            PinCommands.PinReference => Describe(card.State.Pin, CardState.DefaultPin),
            PinCommands.PukReference => Describe(card.State.Puk, CardState.DefaultPuk),
            ManagementKeyCommands.Reference => Describe(card.State.Management),
            _ when PivSlot.TryFromId(command.P2, out PivSlot slot) =>
                card.State.KeyIn(slot) is { } key ? Describe(key) : StatusWord.ReferencedDataNotFound,
            _ => StatusWord.IncorrectParameters,
        };
    }

    private static CardAnswer Describe(ReferenceValue value, ReadOnlySpan<byte> initial) => CardAnswer.Ok(new BerTlvWriter()
        .Write(AlgorithmTag, [(byte)PivAlgorithm.Pin])
        .Write(IsDefaultTag, [Flag(value.Matches(initial))])
        .Write(RetriesTag, [value.Tries, value.Remaining])
        .ToArray());

    private static CardAnswer Describe(CardManagementKey key) => CardAnswer.Ok(new BerTlvWriter()
        .Write(AlgorithmTag, [(byte)key.Algorithm])
        .Write(PolicyTag, [(byte)PinPolicy.Default, (byte)key.TouchPolicy])
        .Write(IsDefaultTag, [Flag(key.IsDefault)])
        .ToArray());

    private static CardAnswer Describe(SlotKey key) => CardAnswer.Ok(new BerTlvWriter()
        .Write(AlgorithmTag, [(byte)key.Material.Algorithm])
        .Write(PolicyTag, [(byte)key.PinPolicy, (byte)key.TouchPolicy])
        .Write(OriginTag, [(byte)key.Origin])
        .Write(PublicKeyTag, key.Material.PublicKeyTemplate)
        .ToArray());

    private static byte Flag(bool value) => value ? (byte)1 : (byte)0;
}

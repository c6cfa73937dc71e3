using System.Buffers.Binary;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>The PIV application: SP 800-73-4 Part 2, with the YubiKey's extensions as far as the firmware has them.</summary>
internal sealed class PivApplication(CardContext card) : CardApplication
{
    private static readonly byte[] ApplicationId = [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00];

    public override ReadOnlySpan<byte> Aid => ApplicationId;

    // SP 800-73-4 Part 2 §3.1.1, Table 3: application property template.
    public override byte[] Select() => BerTlvWriter.Encode(0x61, new BerTlvWriter()
        .Write(0x4F, ApplicationId.AsSpan(5))
        .Write(0x79, BerTlvWriter.Encode(0x4F, ApplicationId.AsSpan(0, 5)))
        .Written);

    public override CardAnswer Process(in CommandApdu command)
    {
        CardAnswer answer = Dispatch(command);
        if (command.Ins != PivInstruction.Verify)
            card.Session.SpendFreshPin();
        return answer;
    }

    private CardAnswer Dispatch(in CommandApdu command)
    {
        FirmwareProfile profile = card.State.Profile;
        return command.Ins switch
        {
            PivInstruction.Verify => PinCommands.Verify(card, command),
            PivInstruction.ChangeReferenceData => PinCommands.Change(card, command),
            PivInstruction.ResetRetryCounter => PinCommands.Unblock(card, command),
            PivInstruction.SetPinRetries => PinCommands.SetRetries(card, command),
            PivInstruction.GetData => ObjectCommands.Get(card, command),
            PivInstruction.PutData => ObjectCommands.Put(card, command),
            PivInstruction.GeneralAuthenticate when command.P2 == ManagementKeyCommands.Reference =>
                ManagementKeyCommands.Authenticate(card, command),
            PivInstruction.GeneralAuthenticate => KeyUseCommand.Use(card, command),
            PivInstruction.SetManagementKey => ManagementKeyCommands.Set(card, command),
            PivInstruction.GenerateAsymmetric => KeyCommands.Generate(card, command),
            PivInstruction.ImportKey => KeyCommands.Import(card, command),
            PivInstruction.MoveKey when profile.HasMoveKey => KeyCommands.Move(card, command),
            PivInstruction.Attest => KeyCommands.Attest(card, command),
            PivInstruction.GetMetadata when profile.HasMetadata => MetadataCommand.Get(card, command),
            PivInstruction.GetVersion => CardAnswer.Ok([profile.Version.Major, profile.Version.Minor, profile.Version.Patch]),
            PivInstruction.GetSerial when profile.HasSerial => CardAnswer.Ok(SerialNumber()),
            PivInstruction.Reset => Reset(),
            _ => StatusWord.InstructionNotSupported,
        };
    }

    // Only a card that nobody can use any more may be emptied.
    private CardAnswer Reset()
    {
        if (!card.State.Pin.IsBlocked || !card.State.Puk.IsBlocked)
            return StatusWord.ConditionsOfUseNotSatisfied;
        card.State.Reset();
        card.Session.Clear();
        return StatusWord.Success;
    }

    private byte[] SerialNumber()
    {
        byte[] serial = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(serial, card.State.Serial);
        return serial;
    }

    /// <summary>The policy that a key gets in this slot if none is named.</summary>
    internal static PinPolicy DefaultPinPolicy(PivSlot slot) =>
        slot == PivSlot.Signature ? PinPolicy.Always
        : slot == PivSlot.CardAuthentication ? PinPolicy.Never
        : PinPolicy.Once;
}

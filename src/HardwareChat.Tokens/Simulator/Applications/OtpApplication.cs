using System.Buffers.Binary;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Simulator.State;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>The YubiKey's OTP application, with nothing configured: hosts ask it for the serial number.</summary>
internal sealed class OtpApplication(CardState state) : CardApplication
{
    private const byte Request = 0x01;
    private const byte ReadStatus = 0x03;
    private const byte SerialRequest = 0x10;
    private static readonly byte[] ApplicationId = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01, 0x01];

    public override ReadOnlySpan<byte> Aid => ApplicationId;

    public override byte[] Select() => Status();

    public override CardAnswer Process(in CommandApdu command)
    {
        if (command.Ins == ReadStatus)
            return CardAnswer.Ok(Status());
        if (command.Ins != Request)
            return StatusWord.InstructionNotSupported;
        if (command.P1 != SerialRequest)
            return StatusWord.IncorrectParameters;
        byte[] serial = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(serial, state.Serial);
        return CardAnswer.Ok(serial);
    }

    // Firmware version, sequence of the configuration, touch level and flags of the slots.
    private byte[] Status()
    {
        FirmwareVersion version = state.Profile.Version;
        return [version.Major, version.Minor, version.Patch, 0, 0, 0];
    }
}

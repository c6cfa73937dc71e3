using System.Buffers.Binary;
using System.Text;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Simulator.State;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>The YubiKey's management application, as far as it tells what the device is. It changes nothing.</summary>
internal sealed class ManagementApplication(CardState state) : CardApplication
{
    private const byte ReadConfiguration = 0x1D;
    private const byte PivCapability = 0x10;
    private static readonly FirmwareVersion WithPinComplexity = new(5, 7, 0);
    private static readonly byte[] ApplicationId = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17];

    public override ReadOnlySpan<byte> Aid => ApplicationId;

    public override byte[] Select() => Encoding.ASCII.GetBytes($"HardwareChat Simulated - FW version {state.Profile.Version}");

    public override CardAnswer Process(in CommandApdu command)
    {
        if (command.Ins != ReadConfiguration)
            return StatusWord.InstructionNotSupported;
        if (command.P1 != 0)
            return StatusWord.IncorrectParameters;
        byte[] information = Information();
        return CardAnswer.Ok([(byte)information.Length, .. information]);
    }

    private byte[] Information()
    {
        byte[] serial = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(serial, state.Serial);
        FirmwareVersion version = state.Profile.Version;
        BerTlvWriter writer = new BerTlvWriter()
            .Write(0x01, [0, PivCapability]) // supported over USB
            .Write(0x02, serial)
            .Write(0x03, [0, PivCapability]) // enabled over USB
            .Write(0x04, [(byte)state.FormFactor])
            .Write(0x05, [version.Major, version.Minor, version.Patch])
            .Write(0x06, [0, 0]) // time-out of ejection
            .Write(0x07, [0]) // time-out of challenge and response
            .Write(0x08, [0]) // flags
            .Write(0x0A, [0]); // not locked
        if (version >= WithPinComplexity)
            writer.Write(0x16, [0]); // PIN complexity is not enforced
        return writer.ToArray();
    }
}

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>The instruction bytes of the PIV application.</summary>
internal static class PivInstruction
{
    // SP 800-73-4 Part 2 §3, Table 2.
    public const byte Verify = 0x20;
    public const byte ChangeReferenceData = 0x24;
    public const byte ResetRetryCounter = 0x2C;
    public const byte GenerateAsymmetric = 0x47;
    public const byte GeneralAuthenticate = 0x87;
    public const byte GetData = 0xCB;
    public const byte PutData = 0xDB;

    // The YubiKey's own.
    public const byte MoveKey = 0xF6;
    public const byte GetMetadata = 0xF7;
    public const byte GetSerial = 0xF8;
    public const byte Attest = 0xF9;
    public const byte SetPinRetries = 0xFA;
    public const byte Reset = 0xFB;
    public const byte GetVersion = 0xFD;
    public const byte ImportKey = 0xFE;
    public const byte SetManagementKey = 0xFF;
}

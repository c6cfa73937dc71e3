namespace HardwareChat.Tokens.Piv;

/// <summary>Instruction bytes (SP 800-73-4 Part 2 §3; from F6 on, YubiKey's own).</summary>
internal static class PivInstructions
{
    public const byte Verify = 0x20;
    public const byte ChangeReference = 0x24;
    public const byte ResetRetryCounter = 0x2C;
    public const byte GenerateAsymmetric = 0x47;
    public const byte GeneralAuthenticate = 0x87;
    public const byte Select = 0xA4;
    public const byte GetObject = 0xCB;
    public const byte PutObject = 0xDB;
    public const byte MoveKey = 0xF6;
    public const byte GetMetadata = 0xF7;
    public const byte GetSerial = 0xF8;
    public const byte Attest = 0xF9;
    public const byte SetRetries = 0xFA;
    public const byte Reset = 0xFB;
    public const byte GetVersion = 0xFD;
    public const byte SetManagementKey = 0xFF;

    public const byte PinReference = 0x80;
    public const byte PukReference = 0x81;
    public const byte ManagementKeyReference = 0x9B;
}

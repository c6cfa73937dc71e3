namespace HardwareChat.Mls;

/// <summary>What HPKE makes of a label and a context before it meets a recipient: public, and the same for all of them.</summary>
internal readonly record struct EncryptContext(byte[] KeyScheduleContext);

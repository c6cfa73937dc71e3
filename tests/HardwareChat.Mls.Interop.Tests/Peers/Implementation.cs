namespace HardwareChat.Mls.Interop.Tests.Peers;

public enum Implementation
{
    HardwareChat,
    TsMls,
    CoreCrypto,
}

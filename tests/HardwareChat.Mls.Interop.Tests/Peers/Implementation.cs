namespace HardwareChat.Mls.Interop.Tests.Peers;

public enum Implementation
{
    TsMls,
    CoreCrypto,
}

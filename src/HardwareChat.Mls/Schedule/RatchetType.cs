namespace HardwareChat.Mls;

/// <summary>Which of a leaf's two ratchets: handshake messages and application messages never share keys (RFC 9420 §9).</summary>
internal enum RatchetType
{
    /// <summary>Proposals and commits.</summary>
    Handshake,

    /// <summary>Application messages.</summary>
    Application,
}

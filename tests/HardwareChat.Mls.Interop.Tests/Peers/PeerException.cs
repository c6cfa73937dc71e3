namespace HardwareChat.Mls.Interop.Tests.Peers;

/// <summary>A foreign implementation refused an operation or a message; the message is its own words.</summary>
internal sealed class PeerException(string message) : Exception(message);

namespace HardwareChat.Mls.Interop.Tests.Peers;

/// <summary>A foreign implementation refused an operation or a message; the message is its own words.</summary>
internal sealed class PeerException(string message) : Exception(message)
{
    /// <summary>
    /// A fault of ts-mls 1.6.4: whoever joins is refused where two nodes above an unmerged leaf list different leaves, as RFC 9420 §7.1 lets
    /// them; it asks for equal lists where §12.4.3.1 asks for one entry. A peer says what it means in words only.
    /// </summary>
    public bool IsUnmergedLeavesFault => Message.EndsWith("must list leaf node in its unmerged_leaves", StringComparison.Ordinal);
}

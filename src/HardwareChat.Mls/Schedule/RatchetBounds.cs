namespace HardwareChat.Mls;

// RFC 9420 §15.3: "applications SHOULD define a policy on how long to keep unused nonce and key pairs for a sender, and the maximum number to keep".

/// <summary>How far a ratchet follows a sender whose messages were lost or come out of order.</summary>
/// <param name="ForwardSteps">The most generations that one message may jump ahead: bounds the work of a forged or lost message.</param>
/// <param name="SkippedKeys">The most keys of skipped generations kept for a ratchet: the oldest are deleted first.</param>
public readonly record struct RatchetBounds(int ForwardSteps, int SkippedKeys)
{
    /// <summary>1000 steps forward, 64 skipped keys.</summary>
    public static RatchetBounds Standard { get; } = new(1000, 64);
}

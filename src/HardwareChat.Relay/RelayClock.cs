namespace HardwareChat.Relay;

/// <summary>The relay's clock, in the protocol's unit.</summary>
internal static class RelayClock
{
    /// <summary>Unix seconds.</summary>
    public static ulong UnixSeconds(this TimeProvider time) => (ulong)Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Milliseconds that never go back: for rates.</summary>
    public static ulong Milliseconds(this TimeProvider time) => (ulong)time.GetElapsedTime(0).TotalMilliseconds;
}

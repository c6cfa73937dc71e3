namespace HardwareChat.Relay;

/// <summary>The relay's clock, in the protocol's units. A type of its own: the silo has its own clock, and dies if that jumps.</summary>
public class RelayTime : TimeProvider
{
    /// <summary>Unix seconds.</summary>
    public ulong UnixSeconds() => (ulong)Math.Max(0, GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Milliseconds that never go back: for rates.</summary>
    public ulong Milliseconds() => (ulong)GetElapsedTime(0).TotalMilliseconds;
}

namespace HardwareChat.Relay.Tests;

/// <summary>The system's clock, moved so that it began at a given second; a test may move it on.</summary>
public sealed class ShiftedTime(ulong start) : RelayTime
{
    private readonly TimeSpan _shift = DateTimeOffset.FromUnixTimeSeconds((long)start) - System.GetUtcNow();

    /// <summary>Moved on by a test.</summary>
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift + Ahead;
}

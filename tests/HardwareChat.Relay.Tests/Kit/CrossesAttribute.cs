namespace HardwareChat.Relay.Tests;

/// <summary>This test crosses a limit of <see cref="RelayLimits"/>, and sees what stands beside it.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class CrossesAttribute(string limit) : Attribute
{
    public string Limit { get; } = limit;
}

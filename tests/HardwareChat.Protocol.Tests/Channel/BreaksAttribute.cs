namespace HardwareChat.Protocol.Tests;

/// <summary>The rule of the channel that a test breaks, and no other.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class BreaksAttribute(ChannelRule rule) : Attribute
{
    public ChannelRule Rule { get; } = rule;
}

namespace HardwareChat.Terminal.Conversation;

/// <summary>A simulated token's button, for the demo: a key of the keyboard touches it.</summary>
/// <param name="Press">Touches it.</param>
/// <param name="Release">Ends its wait as if nobody had.</param>
internal sealed record TouchKey(Action Press, Action Release);

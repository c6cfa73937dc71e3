using HardwareChat.Protocol;

namespace HardwareChat.Client.Content;

/// <summary>Content as it stands in a room's log, with what MLS and the log vouch for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Sequence">Where it stands in the log.</param>
/// <param name="Time">The relay's time of it, Unix seconds.</param>
/// <param name="Content">What it says.</param>
public sealed record ReceivedContent(MessageId Id, Handle Sender, ulong Sequence, ulong Time, RoomContent Content);

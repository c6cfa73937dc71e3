using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>Something for the log. Save the room first, then send the frame; after a break send the same frame again.</summary>
/// <param name="Frame">The request.</param>
/// <param name="MessageHash">Names the message, in the log and in <see cref="RoomEvent"/>s.</param>
public sealed record Outgoing(Append Frame, Digest MessageHash);

/// <summary>A message of this client's own that has not come back from the log yet.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Epoch">The epoch that it was made in.</param>
/// <param name="Grant">The identity of the leaf that made it.</param>
internal sealed record OwnMessage(EntryKind Kind, Epoch Epoch, SignedGrant Grant);

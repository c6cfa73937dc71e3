using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>What a touch gives for one room: the grant, and the leaf key that it names. The session owns the key.</summary>
/// <param name="Room">The room.</param>
/// <param name="Grant">The grant; until its enter_by it opens the room's door, or renews there.</param>
/// <param name="LeafKeys">The leaf's key pair. After a lost race the same one is used again.</param>
public sealed record RoomGrant(RoomId Room, SignedGrant Grant, HpkeKeyPair LeafKeys);

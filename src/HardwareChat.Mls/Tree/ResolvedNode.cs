namespace HardwareChat.Mls;

/// <summary>A node of a resolution (RFC 9420 §4.1.1), with the key by which all members it stands for are reached.</summary>
internal readonly record struct ResolvedNode(NodeIndex Index, HpkePublicKey Key);

using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>What came of reading a registry anew from its first statement.</summary>
/// <param name="Verdict">What became of the relay's head.</param>
/// <param name="Replica">The fresh replica.</param>
/// <param name="Agrees">Whether it contains what this client had read before.</param>
public sealed record RegistryReplay(HeadVerdict Verdict, RegistryReplica Replica, bool Agrees);

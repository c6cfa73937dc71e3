using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>What this client believes at the moment. It decides what the client sends and shows, never whether an entry is valid.</summary>
/// <param name="Clock">Unix seconds by the client's own clock.</param>
/// <param name="RelayTime">Unix seconds by the relay's clock, as far as the client knows it: what the next stamp will say.</param>
/// <param name="Registry">The registry as the client has verified it.</param>
/// <param name="Fence">Revocations and sign-outs that were seen and that the log does not hold yet.</param>
public sealed record Belief(ulong Clock, ulong RelayTime, RegistryState Registry, RevocationFence Fence);

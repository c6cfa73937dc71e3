using HardwareChat.Attestation;
using HardwareChat.Tokens.Simulator.Keys;

namespace HardwareChat.Tokens.Simulator.State;

/// <summary>Where a key came from; the codes are those of the metadata.</summary>
internal enum KeyOrigin : byte
{
    Generated = 1,
    Imported = 2,
}

/// <summary>A key in a slot, with the policies it was made under.</summary>
internal sealed record SlotKey(KeyMaterial Material, KeyOrigin Origin, PinPolicy PinPolicy, TouchPolicy TouchPolicy) : IDisposable
{
    public void Dispose() => Material.Dispose();
}

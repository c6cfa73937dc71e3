using System.Security.Cryptography;

namespace HardwareChat.Tokens.Simulator;

/// <summary>Secret bytes of a simulated card: pinned, so that the collector leaves no copies, and zeroed on disposal.</summary>
/// <remarks>What managed memory cannot promise: pages may be swapped out, and the arithmetic of keys copies bytes on its way.</remarks>
internal sealed class CardSecret : IDisposable
{
    private readonly byte[] _bytes;

    /// <summary>A copy of <paramref name="source"/>, which stays the caller's to zero.</summary>
    public CardSecret(ReadOnlySpan<byte> source)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(source.Length, pinned: true);
        source.CopyTo(_bytes);
    }

    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Compares in a time that depends on the lengths alone.</summary>
    public bool Matches(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(_bytes, other);

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    public override string ToString() => $"({_bytes.Length} secret bytes)";
}

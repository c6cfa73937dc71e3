using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Simulator.State;

/// <summary>The key (reference 9B) that whoever administers the card proves to know.</summary>
internal sealed class CardManagementKey(PivAlgorithm algorithm, ReadOnlySpan<byte> key, TouchPolicy touchPolicy) : IDisposable
{
    /// <summary>The key of a new card, in the 24 bytes that 3DES and AES-192 share.</summary>
    public static ReadOnlySpan<byte> Default =>
        [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];

    private readonly CardSecret _key = new(key);

    public PivAlgorithm Algorithm { get; } = algorithm;

    public TouchPolicy TouchPolicy { get; } = touchPolicy;

    public bool IsDefault => _key.Matches(Default);

    public int BlockSize => ManagementCipher.BlockSize(Algorithm);

    public ReadOnlySpan<byte> Span => _key.Span;

    public byte[] Encrypt(ReadOnlySpan<byte> block) => ManagementCipher.Encrypt(Algorithm, _key.Span, block);

    public void Dispose() => _key.Dispose();
}

using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.6
//
//   struct {
//       opaque kem_output<V>;
//       opaque ciphertext<V>;
//   } HPKECiphertext;

/// <summary>A value encrypted to an HPKE public key.</summary>
internal sealed class HpkeCiphertext : ITlsSerializable
{
    private const int MaxKemOutput = 1 << 14;
    private const int MaxCiphertext = 1 << 20;

    private readonly byte[] _kemOutput;
    private readonly byte[] _ciphertext;

    /// <summary>Takes over both arrays, which nobody changes afterwards.</summary>
    internal HpkeCiphertext(byte[] kemOutput, byte[] ciphertext)
    {
        _kemOutput = kemOutput;
        _ciphertext = ciphertext;
    }

    /// <summary>What the KEM sends: for a Diffie-Hellman KEM, the ephemeral public key.</summary>
    public ReadOnlySpan<byte> KemOutput => _kemOutput;

    /// <summary>The AEAD's output.</summary>
    public ReadOnlySpan<byte> Ciphertext => _ciphertext;

    internal static HpkeCiphertext ReadFrom(ref TlsReader reader)
        => new(reader.ReadOpaque(MaxKemOutput).ToArray(), reader.ReadOpaque(MaxCiphertext).ToArray());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOpaque(_kemOutput);
        writer.WriteOpaque(_ciphertext);
    }
}

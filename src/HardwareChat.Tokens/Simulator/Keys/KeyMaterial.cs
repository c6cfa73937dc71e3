using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Simulator.Keys;

/// <summary>A private key inside the simulated card, with what its algorithm can do.</summary>
/// <remarks>
/// An operation that the algorithm lacks, or an input that it cannot take, is <see langword="null"/>: the card's "no", which
/// the applet turns into a status word.
/// </remarks>
internal abstract class KeyMaterial : IDisposable
{
    public abstract PivAlgorithm Algorithm { get; }

    /// <summary>The public key as PIV writes it inside 7F49: 86 point, or 81 modulus and 82 exponent.</summary>
    // SP 800-73-4 Part 2 §3.3.2, Table 11.
    public abstract byte[] PublicKeyTemplate { get; }

    /// <summary>The public key as a DER SubjectPublicKeyInfo.</summary>
    public abstract byte[] SubjectPublicKeyInfo { get; }

    /// <summary>The private bytes, in the form that <see cref="KeyMaterials.Restore"/> takes; the caller owns and zeroes them.</summary>
    public abstract byte[] ExportPrivate();

    public virtual byte[]? Sign(ReadOnlySpan<byte> input) => null;

    public virtual byte[]? Agree(ReadOnlySpan<byte> point) => null;

    public abstract void Dispose();
}

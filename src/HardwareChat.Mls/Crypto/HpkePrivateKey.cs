namespace HardwareChat.Mls;

/// <summary>A private decryption key in the KEM's own format (RFC 9180 §7.1.2). The owner disposes of it, which erases it.</summary>
public sealed class HpkePrivateKey : IDisposable
{
    private readonly Secret _secret;

    /// <summary>A key that takes over <paramref name="ownedSecret"/> and disposes of it.</summary>
    internal HpkePrivateKey(Secret ownedSecret) => _secret = ownedSecret;

    /// <summary>A key of a copy of <paramref name="bytes"/>.</summary>
    public HpkePrivateKey(ReadOnlySpan<byte> bytes)
        : this(Secret.CopyOf(bytes))
    {
    }

    /// <summary>The serialised key: to be stored only where nobody else can read it.</summary>
    public ReadOnlySpan<byte> Span => _secret.Span;

    /// <summary>A copy with an owner of its own.</summary>
    public HpkePrivateKey Copy() => new(_secret.Copy());

    /// <inheritdoc/>
    public void Dispose() => _secret.Dispose();

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => "HPKE private key";
}

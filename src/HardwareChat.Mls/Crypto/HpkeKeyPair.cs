namespace HardwareChat.Mls;

/// <summary>An encryption key pair. Disposing of it erases the private key.</summary>
public sealed class HpkeKeyPair : IDisposable
{
    /// <summary>A pair that takes over <paramref name="ownedPrivateKey"/> and disposes of it.</summary>
    public HpkeKeyPair(HpkePrivateKey ownedPrivateKey, HpkePublicKey publicKey)
    {
        ArgumentNullException.ThrowIfNull(ownedPrivateKey);
        ArgumentNullException.ThrowIfNull(publicKey);
        PrivateKey = ownedPrivateKey;
        PublicKey = publicKey;
    }

    /// <summary>The private half, owned by the pair.</summary>
    public HpkePrivateKey PrivateKey { get; }

    /// <summary>The public half.</summary>
    public HpkePublicKey PublicKey { get; }

    /// <summary>A copy with an owner of its own.</summary>
    public HpkeKeyPair Copy() => new(PrivateKey.Copy(), PublicKey);

    /// <inheritdoc/>
    public void Dispose() => PrivateKey.Dispose();
}

using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>The two key pairs of a key package, made before the credential that vouches for them. Disposing erases them.</summary>
public sealed class KeyPackageKeys : IDisposable
{
    private KeyPackageKeys(HpkeKeyPair init, HpkeKeyPair leaf)
    {
        Init = init;
        Leaf = leaf;
    }

    /// <summary>The pair to which the Welcome is encrypted.</summary>
    public HpkeKeyPair Init { get; }

    /// <summary>The pair of the leaf.</summary>
    public HpkeKeyPair Leaf { get; }

    /// <summary>Two fresh pairs.</summary>
    public static KeyPackageKeys Generate(CipherSuite suite)
    {
        ArgumentNullException.ThrowIfNull(suite);
        return new KeyPackageKeys(suite.GenerateHpkeKeyPair(), suite.GenerateHpkeKeyPair());
    }

    internal static KeyPackageKeys Of(HpkeKeyPair ownedInit, HpkeKeyPair ownedLeaf) => new(ownedInit, ownedLeaf);

    internal KeyPackageKeys Copy() => new(Init.Copy(), Leaf.Copy());

    /// <inheritdoc/>
    public void Dispose()
    {
        Init.Dispose();
        Leaf.Dispose();
    }
}

/// <summary>A key package with its private keys. Disposing erases them: do so once the Welcome is accepted, or the key package withdrawn.</summary>
public sealed class KeyPackageBundle : IDisposable
{
    private const ushort FormatVersion = 1;

    private KeyPackageBundle(KeyPackage keyPackage, KeyPackageKeys ownedKeys)
    {
        KeyPackage = keyPackage;
        Keys = ownedKeys;
    }

    /// <summary>What is published.</summary>
    public KeyPackage KeyPackage { get; }

    /// <summary>The private keys, owned by this.</summary>
    public KeyPackageKeys Keys { get; }

    /// <summary>A key package.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="signer">The client's signature key.</param>
    /// <param name="content">What the leaf says.</param>
    /// <param name="lifetime">When the leaf may be added.</param>
    /// <param name="keys">Its key pairs, of which a copy is kept; null: fresh ones.</param>
    /// <param name="extensions">The key package's extensions.</param>
    public static KeyPackageBundle Create(
        CipherSuite suite, IMlsSigner signer, LeafContent content, Lifetime lifetime, KeyPackageKeys? keys = null, ExtensionList? extensions = null)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(content);
        KeyPackageKeys own = keys?.Copy() ?? KeyPackageKeys.Generate(suite);
        try
        {
            LeafNode leaf = LeafNode.SignForKeyPackage(suite, signer, own.Leaf.PublicKey, content, lifetime);
            return new KeyPackageBundle(KeyPackage.Sign(suite, signer, own.Init.PublicKey, leaf, extensions ?? ExtensionList.Empty), own);
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    /// <summary>A key package and its private keys that were stored apart; the keys are taken over.</summary>
    /// <exception cref="ArgumentException">The keys are not the key package's.</exception>
    public static KeyPackageBundle Of(KeyPackage keyPackage, HpkeKeyPair ownedInit, HpkeKeyPair ownedLeaf)
    {
        ArgumentNullException.ThrowIfNull(keyPackage);
        ArgumentNullException.ThrowIfNull(ownedInit);
        ArgumentNullException.ThrowIfNull(ownedLeaf);
        if (!keyPackage.InitKey.Equals(ownedInit.PublicKey) || !keyPackage.LeafNode.EncryptionKey.Equals(ownedLeaf.PublicKey))
            throw new ArgumentException("the private keys are not the key package's", nameof(ownedInit));
        return new KeyPackageBundle(keyPackage, KeyPackageKeys.Of(ownedInit, ownedLeaf));
    }

    /// <summary>The bundle as bytes, private keys included: to be stored only where nobody else can read it.</summary>
    public byte[] Save()
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteUInt16(FormatVersion);
        KeyPackage.WriteTo(ref writer);
        writer.WriteOpaque(Keys.Init.PrivateKey.Span);
        writer.WriteOpaque(Keys.Leaf.PrivateKey.Span);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A bundle that was saved.</summary>
    /// <exception cref="DecodeException">The bytes are not a saved bundle.</exception>
    public static KeyPackageBundle Restore(ReadOnlySpan<byte> saved)
    {
        var reader = new TlsReader(saved);
        if (reader.ReadUInt16() != FormatVersion)
            throw reader.Malformed("the saved key package is of another format version");
        KeyPackage keyPackage = KeyPackage.ReadFrom(ref reader);
        var init = new HpkeKeyPair(new HpkePrivateKey(reader.ReadOpaque(TlsVector.NoLimit)), keyPackage.InitKey);
        var leaf = new HpkeKeyPair(new HpkePrivateKey(reader.ReadOpaque(TlsVector.NoLimit)), keyPackage.LeafNode.EncryptionKey);
        reader.ThrowIfNotEmpty();
        return new KeyPackageBundle(keyPackage, KeyPackageKeys.Of(init, leaf));
    }

    /// <inheritdoc/>
    public void Dispose() => Keys.Dispose();
}

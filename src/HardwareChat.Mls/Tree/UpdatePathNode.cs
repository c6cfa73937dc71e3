using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.6
//
//   struct {
//       HPKEPublicKey encryption_key;
//       HPKECiphertext encrypted_path_secret<V>;
//   } UpdatePathNode;

/// <summary>A new parent node of a commit: its key, and its path secret for each node of the resolution of the copath child.</summary>
internal sealed class UpdatePathNode : ITlsSerializable
{
    private readonly HpkeCiphertext[] _encryptedPathSecret;

    /// <summary>Takes over the array, which nobody changes afterwards.</summary>
    internal UpdatePathNode(HpkePublicKey encryptionKey, HpkeCiphertext[] encryptedPathSecret)
    {
        EncryptionKey = encryptionKey;
        _encryptedPathSecret = encryptedPathSecret;
    }

    /// <summary>encryption_key.</summary>
    public HpkePublicKey EncryptionKey { get; }

    /// <summary>encrypted_path_secret, in the order of the resolution.</summary>
    public IReadOnlyList<HpkeCiphertext> EncryptedPathSecret => _encryptedPathSecret;

    internal static UpdatePathNode ReadFrom(ref TlsReader reader)
        => new(HpkePublicKey.ReadFrom(ref reader), TlsVector.Read(ref reader, HpkeCiphertext.ReadFrom));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        EncryptionKey.WriteTo(ref writer);
        writer.WriteVector<HpkeCiphertext>(_encryptedPathSecret);
    }
}

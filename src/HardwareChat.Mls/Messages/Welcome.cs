using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.4.3.1
//
//   struct {
//     KeyPackageRef new_member;
//     HPKECiphertext encrypted_group_secrets;
//   } EncryptedGroupSecrets;
//
//   struct {
//     CipherSuite cipher_suite;
//     EncryptedGroupSecrets secrets<V>;
//     opaque encrypted_group_info<V>;
//   } Welcome;

/// <summary>The secrets of a Welcome for one new member.</summary>
/// <param name="NewMember">KeyPackageRef.</param>
/// <param name="Secrets">encrypted_group_secrets.</param>
internal sealed record EncryptedGroupSecrets(byte[] NewMember, HpkeCiphertext Secrets) : ITlsSerializable
{
    public static EncryptedGroupSecrets ReadFrom(ref TlsReader reader)
        => new(reader.ReadOpaque(TlsVector.NoLimit).ToArray(), HpkeCiphertext.ReadFrom(ref reader));

    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOpaque(NewMember);
        Secrets.WriteTo(ref writer);
    }
}

/// <summary>What members added by a commit need in order to join.</summary>
public sealed class Welcome : ITlsSerializable
{
    private readonly EncryptedGroupSecrets[] _secrets;
    private readonly byte[] _encryptedGroupInfo;

    internal Welcome(CipherSuiteId cipherSuite, EncryptedGroupSecrets[] ownedSecrets, byte[] ownedEncryptedGroupInfo)
    {
        CipherSuite = cipherSuite;
        _secrets = ownedSecrets;
        _encryptedGroupInfo = ownedEncryptedGroupInfo;
    }

    /// <summary>cipher_suite.</summary>
    public CipherSuiteId CipherSuite { get; }

    /// <summary>The references of the key packages that this Welcome is for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> NewMembers => _secrets.Select(static secrets => (ReadOnlyMemory<byte>)secrets.NewMember);

    /// <summary>encrypted_group_info.</summary>
    public ReadOnlySpan<byte> EncryptedGroupInfo => _encryptedGroupInfo;

    internal HpkeCiphertext? FindSecrets(ReadOnlySpan<byte> keyPackageReference)
    {
        foreach (EncryptedGroupSecrets secrets in _secrets)
        {
            if (keyPackageReference.SequenceEqual(secrets.NewMember))
                return secrets.Secrets;
        }

        return null;
    }

    /// <summary>Reads one bare Welcome (no MLSMessage around it), which ends where the bytes do.</summary>
    /// <exception cref="DecodeException">The bytes are malformed.</exception>
    public static Welcome Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    internal static Welcome ReadFrom(ref TlsReader reader) => new(
        CipherSuiteId.ReadFrom(ref reader),
        TlsVector.Read(ref reader, EncryptedGroupSecrets.ReadFrom),
        reader.ReadOpaque(TlsVector.NoLimit).ToArray());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        CipherSuite.WriteTo(ref writer);
        writer.WriteVector<EncryptedGroupSecrets>(_secrets);
        writer.WriteOpaque(_encryptedGroupInfo);
    }
}

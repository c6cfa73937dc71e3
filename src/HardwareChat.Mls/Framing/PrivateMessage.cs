using System.Buffers;
using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6.3
//
//   struct {
//       opaque group_id<V>;
//       uint64 epoch;
//       ContentType content_type;
//       opaque authenticated_data<V>;
//       opaque encrypted_sender_data<V>;
//       opaque ciphertext<V>;
//   } PrivateMessage;
//
// RFC 9420 §6.3.1
//
//   struct {
//       select (PrivateMessage.content_type) {
//           case application: opaque application_data<V>;
//           case proposal:    Proposal proposal;
//           case commit:      Commit commit;
//       };
//       FramedContentAuthData auth;
//       opaque padding[length_of_padding];
//   } PrivateMessageContent;
//
//   struct { opaque group_id<V>; uint64 epoch; ContentType content_type; opaque authenticated_data<V>; } PrivateContentAAD;
//   struct { opaque group_id<V>; uint64 epoch; ContentType content_type; } SenderDataAAD;

/// <summary>A message that is signed and encrypted. What can be read without keys is not verified.</summary>
public sealed class PrivateMessage : ITlsSerializable
{
    private const int MaxKey = 32;
    private const int EncryptedSenderDataLength = SenderData.Length + Aead.TagLength;

    private readonly byte[] _authenticatedData;
    private readonly byte[] _encryptedSenderData;
    private readonly byte[] _ciphertext;

    private PrivateMessage(ref TlsReader reader)
    {
        GroupId = GroupId.ReadFrom(ref reader);
        Epoch = new Epoch(reader.ReadUInt64());
        ContentType = ContentTypes.ReadFrom(ref reader);
        _authenticatedData = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        _encryptedSenderData = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        _ciphertext = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
    }

    /// <summary>group_id.</summary>
    public GroupId GroupId { get; }

    /// <summary>epoch.</summary>
    public Epoch Epoch { get; }

    /// <summary>content_type.</summary>
    public ContentType ContentType { get; }

    /// <summary>authenticated_data, unverified.</summary>
    public ReadOnlySpan<byte> AuthenticatedData => _authenticatedData;

    /// <summary>Writes a whole MLSMessage with the encryption of a member's content. Consumes the sender's next key.</summary>
    internal static void Protect(
        CipherSuite suite, AuthenticatedContent authenticated, Secret senderDataSecret, SecretTree secretTree, Padding padding, IBufferWriter<byte> output)
    {
        FramedContent content = authenticated.Content;
        using var plaintext = new TlsBuffer(content.ApplicationData.Length + 512);
        var plaintextWriter = new TlsWriter(plaintext);
        content.WriteBodyTo(ref plaintextWriter);
        authenticated.Auth.WriteTo(ref plaintextWriter);
        int paddingLength = padding.LengthFor(plaintext.WrittenSpan.Length);
        plaintext.GetSpan(paddingLength)[..paddingLength].Clear();
        plaintext.Advance(paddingLength);

        Span<byte> key = stackalloc byte[MaxKey];
        key = key[..suite.KeyLength];
        Span<byte> nonce = stackalloc byte[CipherSuite.NonceLength];
        uint generation = secretTree.Take(content.Sender.Leaf, content.Type.Ratchet(), key, nonce);
        var senderData = new SenderData(content.Sender.Leaf, generation, SenderData.RandomReuseGuard());
        senderData.Guard(nonce);

        using var header = new TlsBuffer();
        var headerWriter = new TlsWriter(header);
        content.GroupId.WriteTo(ref headerWriter);
        headerWriter.WriteUInt64(content.Epoch.Value);
        headerWriter.WriteUInt8((byte)content.Type);
        int senderDataAad = header.WrittenSpan.Length;
        headerWriter.WriteOpaque(content.AuthenticatedData.Span);

        int ciphertextLength = plaintext.WrittenSpan.Length + CipherSuite.TagLength;
        using var sealedContent = new TlsBuffer(ciphertextLength);
        Span<byte> ciphertext = sealedContent.GetSpan(ciphertextLength)[..ciphertextLength];
        suite.Seal(key, nonce, header.WrittenSpan, plaintext.WrittenSpan, ciphertext);

        Span<byte> senderDataBytes = stackalloc byte[SenderData.Length];
        Span<byte> encryptedSenderData = stackalloc byte[EncryptedSenderDataLength];
        senderData.Encode(senderDataBytes);
        SenderDataKey.Derive(suite, senderDataSecret, ciphertext, key, nonce);
        suite.Seal(key, nonce, header.WrittenSpan[..senderDataAad], senderDataBytes, encryptedSenderData);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(nonce);

        var writer = new TlsWriter(output);
        ProtocolVersion.Mls10.WriteTo(ref writer);
        WireFormat.PrivateMessage.WriteTo(ref writer);
        writer.WriteFixed(header.WrittenSpan);
        writer.WriteOpaque(encryptedSenderData);
        writer.WriteOpaque(ciphertext);
    }

    /// <summary>The sender data, decrypted.</summary>
    internal SenderData OpenSenderData(CipherSuite suite, Secret senderDataSecret)
    {
        if (_encryptedSenderData.Length != EncryptedSenderDataLength)
            throw new ValidationException(ValidationRule.SenderDataDecryption, "the encrypted sender data has the wrong length");
        Span<byte> key = stackalloc byte[MaxKey];
        key = key[..suite.KeyLength];
        Span<byte> nonce = stackalloc byte[CipherSuite.NonceLength];
        SenderDataKey.Derive(suite, senderDataSecret, _ciphertext, key, nonce);
        using var aad = new TlsBuffer();
        var writer = new TlsWriter(aad);
        WriteSenderDataAad(ref writer);
        Span<byte> senderData = stackalloc byte[SenderData.Length];
        bool opened = suite.TryOpen(key, nonce, aad.WrittenSpan, _encryptedSenderData, senderData);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(nonce);
        return opened
            ? SenderData.Decode(senderData)
            : throw new ValidationException(ValidationRule.SenderDataDecryption, "the sender data does not decrypt");
    }

    /// <summary>The content, decrypted; its signature is not yet checked, and the key not yet consumed.</summary>
    internal AuthenticatedContent Open(CipherSuite suite, SenderData senderData, SecretTree secretTree, RatchetBounds bounds)
    {
        // RFC 9420 §6.3.1: a ciphertext has at least its tag. (ValSem006)
        if (_ciphertext.Length < CipherSuite.TagLength)
            throw new ValidationException(ValidationRule.Decryption, "the ciphertext is shorter than its tag");
        Span<byte> key = stackalloc byte[MaxKey];
        key = key[..suite.KeyLength];
        Span<byte> nonce = stackalloc byte[CipherSuite.NonceLength];
        // RFC 9420 §9.2: a consumed key is gone. §15.3: a bound on how far ahead a generation may be.
        if (secretTree.TryPeek(senderData.Leaf, ContentType.Ratchet(), senderData.Generation, bounds, key, nonce) is var answer and not RatchetAnswer.Found)
            throw new ValidationException(ValidationRule.GenerationAvailable, answer == RatchetAnswer.Consumed ? "the message's key is consumed" : "the message is too far ahead");
        senderData.Guard(nonce);
        using var aad = new TlsBuffer();
        var writer = new TlsWriter(aad);
        WriteSenderDataAad(ref writer);
        writer.WriteOpaque(_authenticatedData);
        int length = _ciphertext.Length - CipherSuite.TagLength;
        using var plaintext = new TlsBuffer(length);
        bool opened = suite.TryOpen(key, nonce, aad.WrittenSpan, _ciphertext, plaintext.GetSpan(length)[..length]);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(nonce);
        if (!opened)
            throw new ValidationException(ValidationRule.Decryption, "the message does not decrypt");
        plaintext.Advance(length);
        return ReadContent(plaintext.WrittenSpan, senderData.Leaf);
    }

    internal static PrivateMessage ReadFrom(ref TlsReader reader) => new(ref reader);

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        WriteSenderDataAad(ref writer);
        writer.WriteOpaque(_authenticatedData);
        writer.WriteOpaque(_encryptedSenderData);
        writer.WriteOpaque(_ciphertext);
    }

    private AuthenticatedContent ReadContent(ReadOnlySpan<byte> plaintext, LeafIndex sender)
    {
        var reader = new TlsReader(plaintext);
        FramedContent content = FramedContent.ReadBody(ref reader, GroupId, Epoch, Sender.Member(sender), _authenticatedData, ContentType);
        FramedContentAuthData auth = FramedContentAuthData.ReadFrom(ref reader, ContentType);

        // RFC 9420 §6.3.1: "A receiver MUST verify that there are no non-zero bytes in the padding field". (ValSem011)
        if (reader.Rest.ContainsAnyExcept((byte)0))
            throw new ValidationException(ValidationRule.PaddingZero, "the padding is not all zero");
        return new AuthenticatedContent(WireFormat.PrivateMessage, content, auth);
    }

    private void WriteSenderDataAad(ref TlsWriter writer)
    {
        GroupId.WriteTo(ref writer);
        writer.WriteUInt64(Epoch.Value);
        writer.WriteUInt8((byte)ContentType);
    }
}

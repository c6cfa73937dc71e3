using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client.Content;

// draft-ietf-mimi-content §3.3
//
//   hash_output = hash(senderUriLength || senderUri || roomUriLength || roomUri || message || salt)
//   messageId   = hashAlg || hash_output[0..30]
//
// It is the draft's id and not a random one inside the content, because a hash cannot be claimed twice: no member can send
// other words under an id that somebody refers to, nor words under the id of another user's message. It does not depend on
// the ciphertext, nor on the epoch: the bytes of the content, salt included, are fixed before they are encrypted for the
// first time, so a message that is encrypted again after Stale keeps its id. The sender is the user, not the token: the same
// bytes sent again from a user's other token are the same message.

/// <summary>The name of a message: what replies, edits, deletions, reactions and reports refer to.</summary>
public readonly record struct MessageId
{
    /// <summary>Bytes of an id.</summary>
    public const int Size = 32;

    private const byte Sha256Algorithm = 1;

    private readonly Digest _value;

    private MessageId(Digest value) => _value = value;

    /// <summary>The id of these 32 bytes. Whether such a message exists is another question, and so is its hash algorithm.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static MessageId FromBytes(ReadOnlySpan<byte> bytes) => new(new Digest(bytes));

    /// <summary>The id of a message.</summary>
    /// <param name="sender">Who sent it, as MLS authenticated.</param>
    /// <param name="room">Where.</param>
    /// <param name="content">The encoding of the content, without padding.</param>
    /// <param name="salt">The content's salt.</param>
    public static MessageId Of(Handle sender, RoomId room, ReadOnlySpan<byte> content, ReadOnlySpan<byte> salt)
        => Of(ContentUri.OfUser(sender), ContentUri.OfRoom(room), content, salt);

    /// <summary>The id of a message between any two URIs.</summary>
    public static MessageId Of(string senderUri, string roomUri, ReadOnlySpan<byte> content, ReadOnlySpan<byte> salt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendUri(hash, senderUri);
        AppendUri(hash, roomUri);
        hash.AppendData(content);
        hash.AppendData(salt);
        Span<byte> id = stackalloc byte[1 + SHA256.HashSizeInBytes];
        id[0] = Sha256Algorithm;
        hash.GetHashAndReset(id[1..]);
        return FromBytes(id[..Size]);
    }

    /// <summary>The bytes, in an array of the caller's own.</summary>
    public byte[] ToArray() => _value.ToArray();

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    public override string ToString() => _value.ToString();

    /// <summary>The id of 64 hexadecimal digits.</summary>
    /// <exception cref="DecodeException">Anything else.</exception>
    public static MessageId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Span<byte> bytes = stackalloc byte[Size];
        return text.Length == 2 * Size && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            ? FromBytes(bytes)
            : throw new DecodeException("not a message id", 0);
    }

    private static void AppendUri(IncrementalHash hash, string uri)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(uri);
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)bytes.Length));
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}

using System.Security.Cryptography;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol;

// enum   { reserved(0), member(1), guest(2), (255) } ClientKind;
// struct {
//   ClientKind kind;
//   select (kind) {
//     case member: SignedGrant grant;                              purpose channel, context RelayId, keys[0] = H("key", s)
//     case guest:  opaque invite_key[32]; opaque signature[64];    by invite_key, label "guest", over RelayId || s
//   };
//   Extension extensions<V>;
// } ClientAuth;

/// <summary>The client's proof of who it is: the payload of the third handshake message.</summary>
public abstract record ClientAuth : ITlsSerializable
{
    private const byte MemberKind = 1;
    private const byte GuestKind = 2;

    private ClientAuth()
    {
    }

    /// <summary>Extensions.</summary>
    public IReadOnlyList<Extension> Extensions { get; init; } = [];

    /// <summary>An enrolled token.</summary>
    /// <param name="Grant">Of purpose channel, for this relay and this static key.</param>
    public sealed record Member(SignedGrant Grant) : ClientAuth
    {
        private protected override void WriteBody(ref TlsWriter writer)
        {
            writer.WriteUInt8(MemberKind);
            Grant.WriteTo(ref writer);
        }
    }

    /// <summary>Somebody with an invite, who is not enrolled yet.</summary>
    /// <param name="InviteKey">The Ed25519 key of the invite.</param>
    /// <param name="Signature">By it, label "guest", over RelayId || s.</param>
    public sealed record Guest(Digest InviteKey, ReadOnlyMemory<byte> Signature) : ClientAuth
    {
        /// <summary>The proof of whoever holds an invite's key. The key stays the caller's.</summary>
        public static Guest Sign(Key inviteKey, RelayId relay, ReadOnlySpan<byte> staticKey)
        {
            ArgumentNullException.ThrowIfNull(inviteKey);
            byte[] signature = SignatureAlgorithm.Ed25519.Sign(inviteKey, Labelled.Bytes(Labels.Guest, SignedBytes(relay, staticKey)));
            return new Guest(new Digest(inviteKey.PublicKey.Export(KeyBlobFormat.RawPublicKey)), signature);
        }

        internal static byte[] SignedBytes(RelayId relay, ReadOnlySpan<byte> staticKey) => [.. relay.Value.ToArray(), .. staticKey];

        private protected override void WriteBody(ref TlsWriter writer)
        {
            writer.WriteUInt8(GuestKind);
            InviteKey.WriteTo(ref writer);
            writer.WriteFixed(Signature.Span);
        }
    }

    /// <summary>The proof that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    /// <exception cref="ChannelException">An extension is critical.</exception>
    public static ClientAuth Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        ClientAuth auth = reader.ReadUInt8() switch
        {
            MemberKind => new Member(SignedGrant.Read(ref reader)),
            GuestKind => new Guest(Digest.Read(ref reader), reader.ReadFixed(SignatureAlgorithm.Ed25519.SignatureSize).ToArray()),
            _ => throw reader.Malformed("no such kind of client"),
        };
        IReadOnlyList<Extension> extensions = Extension.ReadList(ref reader);
        reader.ThrowIfNotEmpty();
        return auth with { Extensions = extensions };
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        WriteBody(ref writer);
        Extension.WriteList(ref writer, Extensions);
    }

    /// <summary>Reads any bytes as a ClientAuth, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        try
        {
            FuzzCore(input);
        }
        catch (ChannelException)
        {
            // A refusal by a rule is an answer.
        }
    }

    private static void FuzzCore(ReadOnlySpan<byte> input)
    {
        ClientAuth auth = Decode(input);
        if (!TlsWriter.Encode(auth).AsSpan().SequenceEqual(input))
            throw new CryptographicException("A ClientAuth has two encodings.");
    }

    private protected abstract void WriteBody(ref TlsWriter writer);
}

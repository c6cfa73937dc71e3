using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct {                            what the card signs, label "touch"
//   uint16          version = 1;
//   opaque          registry_id[32];
//   opaque          token_id[32];
//   uint64          registry_size;    the registry head this touch was made under
//   opaque          registry_root[32];
//   SignatureScheme session_scheme;
//   opaque          session_key<V>;
//   uint64          issued_at, not_after;
//   uint32          count;            1..256
//   opaque          root[32];         RFC 9162 MTH over the encoded GrantItems
// } Touch;

/// <summary>What a token signs at one touch: a session key, and the root of up to 256 grant items.</summary>
public sealed record Touch : ITlsSerializable
{
    /// <summary>The version that this code reads and writes.</summary>
    public const ushort Version = 1;

    /// <summary>The registry in which the token is enrolled.</summary>
    public required RegistryId RegistryId { get; init; }

    /// <summary>The token that signs.</summary>
    public required TokenId TokenId { get; init; }

    /// <summary>Leaves of the registry at the head that the toucher had verified.</summary>
    public required ulong RegistrySize { get; init; }

    /// <summary>The registry's root at that size.</summary>
    public required Digest RegistryRoot { get; init; }

    /// <summary>The session key, with its algorithm; in MLS, the leaf's signature_key.</summary>
    public required VerifyingKey SessionKey { get; init; }

    /// <summary>Unix seconds of the touch, by the toucher's clock.</summary>
    public required ulong IssuedAt { get; init; }

    /// <summary>Unix seconds until which the session acts.</summary>
    public required ulong NotAfter { get; init; }

    /// <summary>Grant items vouched for: 1 to 256.</summary>
    public required uint Count { get; init; }

    /// <summary>RFC 9162 Merkle tree hash over the encoded items.</summary>
    public required Digest Root { get; init; }

    /// <summary>H("session", Touch): the name of the session, by what was signed.</summary>
    public SessionId SessionId => SessionId.OfTouch(TlsWriter.Encode(this));

    /// <summary>Reads a touch. The dates must be in order and the count in range: neither says anything about who signed.</summary>
    public static Touch Read(ref TlsReader reader)
    {
        if (reader.ReadUInt16() != Version)
            throw reader.Malformed("no such version of Touch");
        RegistryId registry = RegistryId.Read(ref reader);
        TokenId token = TokenId.Read(ref reader);
        ulong registrySize = reader.ReadUInt64();
        Digest registryRoot = Digest.Read(ref reader);
        SignatureScheme scheme = reader.ReadSignatureScheme();
        var touch = new Touch
        {
            RegistryId = registry,
            TokenId = token,
            RegistrySize = registrySize,
            RegistryRoot = registryRoot,
            SessionKey = VerifyingKey.FromRaw(scheme, reader.ReadOpaque(ProtocolLimits.PublicKeyBytes)),
            IssuedAt = reader.ReadUInt64(),
            NotAfter = reader.ReadUInt64(),
            Count = reader.ReadUInt32(),
            Root = Digest.Read(ref reader),
        };
        if (touch.NotAfter < touch.IssuedAt)
            throw reader.Malformed("not_after is before issued_at");
        if (touch.Count is 0 or > ProtocolLimits.GrantItemsPerTouch)
            throw reader.Malformed("count is not 1 to 256");
        return touch;
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt16(Version);
        RegistryId.WriteTo(ref writer);
        TokenId.WriteTo(ref writer);
        writer.WriteUInt64(RegistrySize);
        RegistryRoot.WriteTo(ref writer);
        writer.WriteUInt16((ushort)SessionKey.Scheme);
        writer.WriteOpaque(SessionKey.Raw);
        writer.WriteUInt64(IssuedAt);
        writer.WriteUInt64(NotAfter);
        writer.WriteUInt32(Count);
        Root.WriteTo(ref writer);
    }

    /// <summary>Whether two touches have the same encoding.</summary>
    public bool Equals(Touch? other) => other is not null && SessionId == other.SessionId;

    /// <inheritdoc/>
    public override int GetHashCode() => SessionId.GetHashCode();
}

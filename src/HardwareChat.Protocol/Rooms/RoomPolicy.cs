using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { opaque registry_id[32]; Handle owners<V>; opaque nonce[32]; } RoomGenesis;   RoomId = H("room", RoomGenesis)
//
// enum { reserved(0), closed(1), listed(2), everybody(3), phrase(4), (255) } DoorKind;
// struct {
//   DoorKind kind;
//   select (kind) { case listed: Handle handles<V>; case phrase: PhraseParameters phrase; };
// } Door;
//
// struct {
//   RoomGenesis genesis; uint64 version; Handle admins<V>; Who inviters; Door door; uint64 linger, retention;
//   SignedGrant signer;
//   opaque signature<V>;     label "room policy", over all before it, session key of an owner or of a registry admin
// } RoomPolicy;              GroupContext extension 0xF0A1, in required_capabilities

/// <summary>What a room is named after: its registry, its owners, a nonce.</summary>
/// <param name="RegistryId">The registry.</param>
/// <param name="Owners">Who owns it, for good.</param>
/// <param name="Nonce">32 random bytes.</param>
public sealed record RoomGenesis(RegistryId RegistryId, IReadOnlyList<Handle> Owners, Digest Nonce) : ITlsSerializable
{
    /// <summary>H("room", RoomGenesis): the room's id, and its MLS group id.</summary>
    public RoomId RoomId => new(Labelled.Hash(Labels.Room, TlsWriter.Encode(this)));

    /// <summary>The genesis that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static RoomGenesis Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        RoomGenesis genesis = Read(ref reader);
        reader.ThrowIfNotEmpty();
        return genesis;
    }

    /// <summary>Reads a genesis; it has at least one owner.</summary>
    public static RoomGenesis Read(ref TlsReader reader)
    {
        RegistryId registry = RegistryId.Read(ref reader);
        IReadOnlyList<Handle> owners = RoomPolicy.ReadHandles(ref reader);
        return owners.Count > 0 ? new RoomGenesis(registry, owners, Digest.Read(ref reader)) : throw reader.Malformed("a room has an owner");
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        RegistryId.WriteTo(ref writer);
        writer.WriteVector<Handle>([.. Owners]);
        Nonce.WriteTo(ref writer);
    }
}

/// <summary>Who may enter a room by an external commit.</summary>
public abstract record Door : ITlsSerializable
{
    private protected Door()
    {
    }

    /// <summary>Nobody: members are added.</summary>
    public sealed record Closed : Door;

    /// <summary>These users, and owners and admins; nobody else may even be added.</summary>
    /// <param name="Handles">The users.</param>
    public sealed record Listed(IReadOnlyList<Handle> Handles) : Door;

    /// <summary>Every user of the registry.</summary>
    public sealed record Everybody : Door;

    /// <summary>Every user of the registry who knows the phrase.</summary>
    /// <param name="Parameters">Of the phrase.</param>
    public sealed record Phrase(PhraseParameters Parameters) : Door;

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        switch (this)
        {
            case Closed:
                writer.WriteUInt8(1);
                break;
            case Listed listed:
                writer.WriteUInt8(2);
                writer.WriteVector<Handle>([.. listed.Handles]);
                break;
            case Everybody:
                writer.WriteUInt8(3);
                break;
            case Phrase phrase:
                writer.WriteUInt8(4);
                phrase.Parameters.WriteTo(ref writer);
                break;
        }
    }

    internal static Door Read(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        1 => new Closed(),
        2 => new Listed(RoomPolicy.ReadHandles(ref reader)),
        3 => new Everybody(),
        4 => new Phrase(PhraseParameters.Read(ref reader)),
        _ => throw reader.Malformed("no such door"),
    };
}

/// <summary>The rules of one room, signed by an owner or by an admin of the registry.</summary>
public sealed record RoomPolicy : ITlsSerializable
{
    /// <summary>The GroupContext extension type that carries it.</summary>
    public const ushort ExtensionType = 0xF0A1;

    /// <summary>The room's genesis.</summary>
    public required RoomGenesis Genesis { get; init; }

    /// <summary>0 at first; each later policy has the next number.</summary>
    public required ulong Version { get; init; }

    /// <summary>Who may remove, and change the context; owners may too.</summary>
    public required IReadOnlyList<Handle> Admins { get; init; }

    /// <summary>Who may add: the room's admins, or every member.</summary>
    public required Who Inviters { get; init; }

    /// <summary>Who may enter without being added.</summary>
    public required Door Door { get; init; }

    /// <summary>Seconds for which a dormant leaf stays.</summary>
    public required ulong Linger { get; init; }

    /// <summary>Seconds for which the relay keeps bodies.</summary>
    public required ulong Retention { get; init; }

    /// <summary>A grant of the signer's session.</summary>
    public required SignedGrant Signer { get; init; }

    /// <summary>By the session key.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>What the session key signs: the labelled bytes.</summary>
    public byte[] SigningInput() => Labelled.Bytes(Labels.RoomPolicy, Tbs());

    /// <summary>Whether this user may remove and change the context.</summary>
    public bool IsAdmin(Handle handle) => Genesis.Owners.Contains(handle) || Admins.Contains(handle);

    /// <summary>Whether the door lets this user be in the room at all.</summary>
    public bool Admits(Handle handle) => Door is not Door.Listed listed || IsAdmin(handle) || listed.Handles.Contains(handle);

    /// <summary>The policy that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static RoomPolicy Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        RoomGenesis genesis = RoomGenesis.Read(ref reader);
        ulong version = reader.ReadUInt64();
        IReadOnlyList<Handle> admins = ReadHandles(ref reader);
        var inviters = (Who)reader.ReadUInt8();
        if (!Enum.IsDefined(inviters))
            throw reader.Malformed("no such inviters");
        var policy = new RoomPolicy
        {
            Genesis = genesis,
            Version = version,
            Admins = admins,
            Inviters = inviters,
            Door = Door.Read(ref reader),
            Linger = reader.ReadUInt64(),
            Retention = reader.ReadUInt64(),
            Signer = SignedGrant.Read(ref reader),
            Signature = reader.ReadOpaque(ProtocolLimits.SignatureBytes).ToArray(),
        };
        reader.ThrowIfNotEmpty();
        return policy.Linger <= ProtocolLimits.LingerCeiling ? policy : throw reader.Malformed("linger is above its ceiling");
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteFixed(Tbs());
        writer.WriteOpaque(Signature.Span);
    }

    /// <summary>The rule that this policy breaks in a room; null if none.</summary>
    /// <param name="room">The room.</param>
    /// <param name="registry">The registry, at least as long as <paramref name="registrySize"/>.</param>
    /// <param name="registrySize">R of the commit; for a joiner, its replica's size.</param>
    /// <param name="verifier">Verifies the signer's touch.</param>
    /// <param name="leastVersion">The lowest version that the reader may take: one that it, or its link, has seen.</param>
    public RoomRule? Check(RoomId room, RegistryState registry, ulong registrySize, TouchVerifier verifier, ulong leastVersion)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(verifier);
        if (Genesis.RoomId != room)
            return RoomRule.PolicyGenesis;
        if (Genesis.RegistryId != registry.Id)
            return RoomRule.PolicyRegistry;
        if (Version < leastVersion)
            return RoomRule.PolicyVersion;
        if (Door is Door.Phrase { Parameters.IsWithinLimits: false })
            return RoomRule.PhraseWork;
        if (verifier.Verify(Signer, registry, registrySize) is not null)
            return RoomRule.PolicyGrant;
        RegistryToken token = registry.Token(Signer.Touch.TokenId)!;
        if (token.IsRevokedAt(registrySize))
            return RoomRule.PolicySignerRevoked;
        if (!Genesis.Owners.Contains(token.Handle) && !registry.IsAdminAt(token.Handle, registrySize))
            return RoomRule.PolicySigner;
        return Signer.Touch.SessionKey.Verify(Labels.RoomPolicy, Tbs(), Signature.Span) ? null : RoomRule.PolicySignature;
    }

    /// <summary>Reads any bytes as a policy, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        if (!TlsWriter.Encode(Decode(input)).AsSpan().SequenceEqual(input))
            throw new System.Security.Cryptography.CryptographicException("A room policy has two encodings.");
    }

    internal static IReadOnlyList<Handle> ReadHandles(ref TlsReader reader)
    {
        TlsReader list = reader.ReadVector(ProtocolLimits.RoomHandles * (ProtocolLimits.HandleCharacters + 1));
        var handles = new List<Handle>();
        while (!list.IsEmpty)
        {
            handles.Add(Handle.Read(ref list));
            if (handles.Count > ProtocolLimits.RoomHandles)
                throw list.Malformed("too many handles");
        }
        return handles;
    }

    private byte[] Tbs()
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        Genesis.WriteTo(ref writer);
        writer.WriteUInt64(Version);
        writer.WriteVector<Handle>([.. Admins]);
        writer.WriteUInt8((byte)Inviters);
        Door.WriteTo(ref writer);
        writer.WriteUInt64(Linger);
        writer.WriteUInt64(Retention);
        Signer.WriteTo(ref writer);
        return buffer.WrittenSpan.ToArray();
    }
}

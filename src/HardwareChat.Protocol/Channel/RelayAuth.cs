using System.Security.Cryptography;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol;

// struct { opaque registry_id[32]; opaque static_key[32]; uint64 not_before, not_after; } RelayStatic;      label "relay static"
// struct { opaque relay_key[32]; RelayStatic static; opaque signature[64]; optional<SignedStatement> succession; Extension extensions<V>; } RelayAuth;

/// <summary>What a relay's identity key certifies: one static key of one relay process, for a few days.</summary>
/// <param name="RegistryId">The registry that the relay serves.</param>
/// <param name="StaticKey">The X25519 key of the handshake.</param>
/// <param name="NotBefore">Unix seconds.</param>
/// <param name="NotAfter">Unix seconds.</param>
public sealed record RelayStatic(RegistryId RegistryId, Digest StaticKey, ulong NotBefore, ulong NotAfter) : ITlsSerializable
{
    /// <summary>Reads one.</summary>
    public static RelayStatic Read(ref TlsReader reader)
        => new(RegistryId.Read(ref reader), Digest.Read(ref reader), reader.ReadUInt64(), reader.ReadUInt64());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        RegistryId.WriteTo(ref writer);
        StaticKey.WriteTo(ref writer);
        writer.WriteUInt64(NotBefore);
        writer.WriteUInt64(NotAfter);
    }
}

/// <summary>The relay's proof of who it is: the payload of the second handshake message.</summary>
public sealed class RelayAuth : ITlsSerializable
{
    private readonly byte[] _signature;

    /// <summary>A proof of these parts; nothing is checked.</summary>
    public RelayAuth(
        Digest relayKey, RelayStatic certified, ReadOnlySpan<byte> signature, SignedStatement? succession, IReadOnlyList<Extension> extensions)
    {
        ArgumentNullException.ThrowIfNull(certified);
        ArgumentNullException.ThrowIfNull(extensions);
        if (signature.Length != SignatureAlgorithm.Ed25519.SignatureSize)
            throw new ArgumentException("an Ed25519 signature has 64 bytes", nameof(signature));
        RelayKey = relayKey;
        Static = certified;
        _signature = signature.ToArray();
        Succession = succession;
        Extensions = extensions;
    }

    /// <summary>The relay's Ed25519 identity key.</summary>
    public Digest RelayKey { get; }

    /// <summary>What it certifies.</summary>
    public RelayStatic Static { get; }

    /// <summary>By relay_key over <see cref="Static"/>.</summary>
    public ReadOnlySpan<byte> Signature => _signature;

    /// <summary>The statement that made relay_key the relay's, for clients that pinned an older one; null for the first key.</summary>
    public SignedStatement? Succession { get; }

    /// <summary>Extensions.</summary>
    public IReadOnlyList<Extension> Extensions { get; }

    /// <summary>Certifies a static key. The identity key stays the caller's; it signs offline, or in the relay at its start.</summary>
    /// <exception cref="ArgumentException">The dates are not in order, or more than 7 days apart.</exception>
    public static RelayAuth Certify(Key relayKey, RelayStatic certified, SignedStatement? succession)
    {
        ArgumentNullException.ThrowIfNull(relayKey);
        ArgumentNullException.ThrowIfNull(certified);
        if (certified.NotAfter < certified.NotBefore || certified.NotAfter - certified.NotBefore > ProtocolLimits.RelayStaticLifetime)
            throw new ArgumentException("a static key is certified for at most 7 days", nameof(certified));
        byte[] signature = SignatureAlgorithm.Ed25519.Sign(relayKey, Labelled.Bytes(Labels.RelayStatic, TlsWriter.Encode(certified)));
        return new RelayAuth(new Digest(relayKey.PublicKey.Export(KeyBlobFormat.RawPublicKey)), certified, signature, succession, []);
    }

    /// <summary>The proof that these bytes are, all of them.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    /// <exception cref="ChannelException">An extension is critical.</exception>
    public static RelayAuth Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        Digest relayKey = Digest.Read(ref reader);
        RelayStatic certified = RelayStatic.Read(ref reader);
        ReadOnlySpan<byte> signature = reader.ReadFixed(SignatureAlgorithm.Ed25519.SignatureSize);
        SignedStatement? succession = reader.ReadOptional() ? SignedStatement.Read(ref reader) : null;
        IReadOnlyList<Extension> extensions = Extension.ReadList(ref reader);
        reader.ThrowIfNotEmpty();
        return new RelayAuth(relayKey, certified, signature, succession, extensions);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        RelayKey.WriteTo(ref writer);
        Static.WriteTo(ref writer);
        writer.WriteFixed(_signature);
        writer.WriteOptional(Succession is not null);
        Succession?.WriteTo(ref writer);
        Extension.WriteList(ref writer, Extensions);
    }

    /// <summary>Reads any bytes as a RelayAuth, for fuzzing.</summary>
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
        RelayAuth auth = Decode(input);
        if (!TlsWriter.Encode(auth).AsSpan().SequenceEqual(input))
            throw new CryptographicException("A RelayAuth has two encodings.");
    }
}

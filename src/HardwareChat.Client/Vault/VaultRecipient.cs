using System.Text;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>What a vault key is wrapped to.</summary>
public enum RecipientKind : byte
{
    /// <summary>A token's 9D key.</summary>
    Token = 1,

    /// <summary>The key that a recovery code on paper gives.</summary>
    Recovery = 2,
}

// struct { RecipientKind kind; opaque id[32]; opaque key_spki<V>; opaque label<V>; } VaultRecipient;
//
// The vault keeps its recipients, sealed: a re-key wraps the new key to all that stay without asking for one of them. It keeps public keys
// only, so that whoever had an old vault key and its file learns from it nothing about the next one.

/// <summary>One who may open a vault: a token, or the holder of a recovery code.</summary>
public sealed record VaultRecipient : ITlsSerializable
{
    /// <summary>The longest label, in bytes of UTF-8.</summary>
    public const int MaxLabel = 64;

    private const int MaxSpki = 512;

    private VaultRecipient(RecipientKind kind, Digest id, PivPublicKey key, string label)
    {
        if (key.Algorithm is not (PivAlgorithm.EccP256 or PivAlgorithm.EccP384 or PivAlgorithm.X25519))
            throw new ArgumentException($"{key.Algorithm} is no algorithm of key agreement.", nameof(key));
        if (Encoding.UTF8.GetByteCount(label) > MaxLabel)
            throw new ArgumentException($"A label has at most {MaxLabel} bytes.", nameof(label));
        Kind = kind;
        Id = id;
        Key = key;
        Label = label;
    }

    /// <summary>Token or recovery code.</summary>
    public RecipientKind Kind { get; }

    /// <summary>The TokenId, or H("vault recovery id", public key).</summary>
    public Digest Id { get; }

    /// <summary>The 9D key, or the recovery key.</summary>
    public PivPublicKey Key { get; }

    /// <summary>What a person calls it. It stands in the file in the clear, to be shown before the vault is open; empty where that is not wanted.</summary>
    public string Label { get; }

    /// <summary>A token, by the keys that the registry names.</summary>
    /// <param name="id">The token.</param>
    /// <param name="agreementKey">Its 9D key: P-256, P-384 or X25519.</param>
    /// <param name="label">See <see cref="Label"/>.</param>
    public static VaultRecipient Token(TokenId id, PivPublicKey agreementKey, string label = "")
    {
        ArgumentNullException.ThrowIfNull(agreementKey);
        ArgumentNullException.ThrowIfNull(label);
        return new VaultRecipient(RecipientKind.Token, id.Value, agreementKey, label);
    }

    /// <summary>Whoever holds this code.</summary>
    public static VaultRecipient Recovery(RecoveryCode code, string label = "")
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(label);
        return new VaultRecipient(RecipientKind.Recovery, code.Id, code.PublicKey, label);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt8((byte)Kind);
        Id.WriteTo(ref writer);
        writer.WriteOpaque(Key.SubjectPublicKeyInfo.Span);
        writer.WriteOpaque(Encoding.UTF8.GetBytes(Label));
    }

    internal static VaultRecipient Read(ref TlsReader reader)
    {
        RecipientKind kind = ReadKind(ref reader);
        Digest id = Digest.Read(ref reader);
        PivPublicKey key = PivPublicKey.FromSubjectPublicKeyInfo(reader.ReadOpaque(MaxSpki).ToArray());
        string label = TextField.Read(ref reader, MaxLabel);
        return key.Algorithm is PivAlgorithm.EccP256 or PivAlgorithm.EccP384 or PivAlgorithm.X25519
            ? new VaultRecipient(kind, id, key, label)
            : throw reader.Malformed("no key of key agreement");
    }

    internal static RecipientKind ReadKind(ref TlsReader reader)
    {
        var kind = (RecipientKind)reader.ReadUInt8();
        return kind is RecipientKind.Token or RecipientKind.Recovery ? kind : throw reader.Malformed("no such kind of recipient");
    }
}

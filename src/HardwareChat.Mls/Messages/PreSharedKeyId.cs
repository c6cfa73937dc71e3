using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §8.4
//
//   enum { reserved(0), external(1), resumption(2), (255) } PSKType;
//   enum { reserved(0), application(1), reinit(2), branch(3), (255) } ResumptionPSKUsage;
//
//   struct {
//     PSKType psktype;
//     select (PreSharedKeyID.psktype) {
//       case external:
//         opaque psk_id<V>;
//       case resumption:
//         ResumptionPSKUsage usage;
//         opaque psk_group_id<V>;
//         uint64 psk_epoch;
//     };
//     opaque psk_nonce<V>;
//   } PreSharedKeyID;

/// <summary>Where a pre-shared key comes from.</summary>
public enum PskType
{
    /// <summary>No type: never in a message.</summary>
    None = 0,

    /// <summary>From the application.</summary>
    External = 1,

    /// <summary>From an epoch of a group.</summary>
    Resumption = 2,
}

/// <summary>What a resumption PSK is used for.</summary>
public enum ResumptionPskUsage
{
    /// <summary>No usage: never in a message.</summary>
    None = 0,

    /// <summary>As the application likes.</summary>
    Application = 1,

    /// <summary>To link a group to the one that it replaces.</summary>
    ReInit = 2,

    /// <summary>To link a subgroup to the group that it branches from.</summary>
    Branch = 3,
}

/// <summary>The name of a pre-shared key in one use of it.</summary>
public sealed class PreSharedKeyId : ITlsSerializable, IEquatable<PreSharedKeyId>
{
    private readonly byte[] _externalId;
    private readonly byte[] _nonce;

    private PreSharedKeyId(PskType type, byte[] externalId, ResumptionPskUsage usage, GroupId? groupId, Epoch epoch, byte[] nonce)
    {
        Type = type;
        _externalId = externalId;
        Usage = usage;
        GroupId = groupId;
        Epoch = epoch;
        _nonce = nonce;
    }

    /// <summary>psktype.</summary>
    public PskType Type { get; }

    /// <summary>psk_id of an external PSK; else empty.</summary>
    public ReadOnlySpan<byte> ExternalId => _externalId;

    /// <summary>usage of a resumption PSK.</summary>
    public ResumptionPskUsage Usage { get; }

    /// <summary>psk_group_id of a resumption PSK; else null.</summary>
    public GroupId? GroupId { get; }

    /// <summary>psk_epoch of a resumption PSK.</summary>
    public Epoch Epoch { get; }

    /// <summary>psk_nonce.</summary>
    public ReadOnlySpan<byte> Nonce => _nonce;

    // RFC 9420 §8.4: psk_nonce "MUST be set to a fresh random value of length KDF.Nh", of the group into which the PSK goes.

    /// <summary>An external PSK, with a fresh nonce for a group of the suite.</summary>
    public static PreSharedKeyId External(CipherSuite suite, ReadOnlySpan<byte> pskId)
    {
        ArgumentNullException.ThrowIfNull(suite);
        return External(pskId, RandomNumberGenerator.GetBytes(suite.HashLength));
    }

    /// <summary>A resumption PSK, with a fresh nonce for a group of the suite.</summary>
    public static PreSharedKeyId Resumption(CipherSuite suite, ResumptionPskUsage usage, GroupId groupId, Epoch epoch)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(groupId);
        return new PreSharedKeyId(PskType.Resumption, [], usage, groupId, epoch, RandomNumberGenerator.GetBytes(suite.HashLength));
    }

    internal static PreSharedKeyId External(ReadOnlySpan<byte> pskId, ReadOnlySpan<byte> nonce)
        => new(PskType.External, pskId.ToArray(), ResumptionPskUsage.None, null, default, nonce.ToArray());

    internal static PreSharedKeyId ReadFrom(ref TlsReader reader)
    {
        var type = (PskType)reader.ReadUInt8();
        byte[] externalId = [];
        ResumptionPskUsage usage = ResumptionPskUsage.None;
        GroupId? groupId = null;
        Epoch epoch = default;
        switch (type)
        {
            case PskType.External:
                externalId = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
                break;
            case PskType.Resumption:
                usage = (ResumptionPskUsage)reader.ReadUInt8();
                if (usage is not (ResumptionPskUsage.Application or ResumptionPskUsage.ReInit or ResumptionPskUsage.Branch))
                    throw reader.Malformed("no such resumption PSK usage");
                groupId = GroupId.ReadFrom(ref reader);
                epoch = new Epoch(reader.ReadUInt64());
                break;
            default:
                throw reader.Malformed("no such PSK type");
        }

        return new PreSharedKeyId(type, externalId, usage, groupId, epoch, reader.ReadOpaque(TlsVector.NoLimit).ToArray());
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt8((byte)Type);
        if (GroupId is null)
        {
            writer.WriteOpaque(_externalId);
        }
        else
        {
            writer.WriteUInt8((byte)Usage);
            GroupId.WriteTo(ref writer);
            writer.WriteUInt64(Epoch.Value);
        }

        writer.WriteOpaque(_nonce);
    }

    /// <summary>Whether both are of the same key and use, whatever the nonces.</summary>
    internal bool NamesSameKey(PreSharedKeyId other)
        => Type == other.Type && ExternalId.SequenceEqual(other.ExternalId) && Usage == other.Usage && Equals(GroupId, other.GroupId) && Epoch == other.Epoch;

    /// <inheritdoc/>
    public bool Equals(PreSharedKeyId? other) => other is not null && NamesSameKey(other) && Nonce.SequenceEqual(other.Nonce);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PreSharedKeyId);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // All fields: whoever chooses them must not be able to make many ids collide.
        var hash = new HashCode();
        hash.AddBytes(_externalId);
        hash.Add(GroupId);
        hash.Add(Epoch);
        hash.Add(Usage);
        hash.AddBytes(_nonce);
        return hash.ToHashCode();
    }
}

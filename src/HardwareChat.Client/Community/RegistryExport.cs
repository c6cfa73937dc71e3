using System.Security.Cryptography;
using HardwareChat.Enrolment;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// struct {
//   opaque magic[16] = "hwchat registry\n";
//   uint16 version = 1;
//   opaque registry_id[32];
//   struct { opaque leaf<V>; struct { opaque blob<V>; } evidence<V>; } items<V>;
//   opaque checkpoint<V>;         the relay's signed head over all leaves
// } RegistryExport;
//
// It proves itself: whoever knows the RegistryId needs neither relay nor vault to verify it.

/// <summary>A registry as a file: every leaf, the evidence that the policy asks for, and the signed head.</summary>
/// <param name="Registry">The registry.</param>
/// <param name="Items">The encoded leaves in order, each with its evidence.</param>
/// <param name="Checkpoint">The signed head.</param>
public sealed record RegistryExport(RegistryId Registry, IReadOnlyList<(byte[] Leaf, IReadOnlyList<byte[]> Evidence)> Items, ReadOnlyMemory<byte> Checkpoint) : ITlsSerializable
{
    private const ushort Version = 1;

    private static ReadOnlySpan<byte> Magic => "hwchat registry\n"u8;

    /// <summary>What a vault holds of its registry.</summary>
    /// <exception cref="CommunityException">It holds nothing yet.</exception>
    public static RegistryExport Of(RegistryId registry, VaultTransaction vault)
    {
        ArgumentNullException.ThrowIfNull(vault);
        byte[] head = vault.Registry.FindHead() ?? throw new CommunityException("this vault has not read the registry yet");
        return new RegistryExport(registry, [.. vault.Registry.Leaves().Select((leaf, index) => (leaf, vault.Registry.FindEvidence((ulong)index)))], head);
    }

    /// <summary>The export that these bytes are, all of them. Nothing of it is verified yet.</summary>
    /// <exception cref="DecodeException">Malformed, or of a newer version.</exception>
    public static RegistryExport Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        if (!reader.ReadFixed(Magic.Length).SequenceEqual(Magic))
            throw reader.Malformed("not an exported registry");
        if (reader.ReadUInt16() != Version)
            throw reader.Malformed("an exported registry of another version");
        RegistryId registry = RegistryId.Read(ref reader);
        TlsReader list = reader.ReadVector(VectorLength.Max);
        var items = new List<(byte[], IReadOnlyList<byte[]>)>();
        while (!list.IsEmpty)
        {
            byte[] leaf = list.ReadOpaque(VectorLength.Max).ToArray();
            TlsReader blobs = list.ReadVector(VectorLength.Max);
            var evidence = new List<byte[]>();
            while (!blobs.IsEmpty)
                evidence.Add(blobs.ReadOpaque(ProtocolLimits.EvidenceBytes).ToArray());
            items.Add((leaf, evidence));
        }
        byte[] checkpoint = reader.ReadOpaque(ProtocolLimits.CheckpointBytes).ToArray();
        reader.ThrowIfNotEmpty();
        return new RegistryExport(registry, items, checkpoint);
    }

    /// <summary>Replays every statement from the first, judges all evidence, and compares with the signed head.</summary>
    public RegistryReplica Replay()
    {
        Dictionary<Digest, byte[]> evidence = [];
        foreach (byte[] blob in Items.SelectMany(static item => item.Evidence))
            evidence[Digest.Of(blob)] = blob;
        var judge = new EvidenceJudge(hash => evidence.TryGetValue(hash, out byte[]? blob) ? blob : null, new PivEvidence().Check);
        var replica = new RegistryReplica(Registry, judge);
        replica.Accept([.. Items.Select(static item => item.Leaf)], Checkpoint.Span);
        return replica;
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteFixed(Magic);
        writer.WriteUInt16(Version);
        Registry.WriteTo(ref writer);
        writer.WriteVector(Items, static (ref writer, items) =>
        {
            foreach ((byte[] leaf, IReadOnlyList<byte[]> evidence) in items)
            {
                writer.WriteOpaque(leaf);
                writer.WriteVector(evidence, static (ref writer, evidence) =>
                {
                    foreach (byte[] blob in evidence)
                        writer.WriteOpaque(blob);
                });
            }
        });
        writer.WriteOpaque(Checkpoint.Span);
    }

    /// <summary>Reads any bytes as an exported registry, and replays it, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        RegistryExport export = Decode(input);
        if (!TlsWriter.Encode(export).AsSpan().SequenceEqual(input))
            throw new CryptographicException("An exported registry has two encodings.");
        export.Replay();
    }
}

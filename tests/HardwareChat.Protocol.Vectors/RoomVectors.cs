using System.Text;
using System.Text.Json.Nodes;

namespace HardwareChat.Protocol.Vectors;

/// <summary>A room's genesis and its chain of entries, with receipts and a Seen.</summary>
internal static class RoomVectors
{
    public static JsonObject Create(FixedCommunity community)
    {
        RoomGenesis genesis = GenesisOf(community);
        byte[] seed = FixedKeys.Seed("relay key");
        using var receipts = new Receipts(seed);
        RoomChain chain = RoomChain.Empty(genesis.RoomId);
        var entries = new JsonArray();
        (EntryKind Kind, string Message)[] messages =
        [
            (EntryKind.Handshake, "a first commit"), (EntryKind.Application, "a message"), (EntryKind.External, "a newcomer's commit"), (EntryKind.Application, "another message"),
        ];
        foreach ((EntryKind kind, string message) in messages)
        {
            byte[] bytes = Encoding.ASCII.GetBytes(message);
            var entry = new RoomEntry(
                chain.Room, chain.Size, chain.Head, new Stamp(FixedCommunity.Start + (10 * chain.Size), Math.Min(chain.Size + 1, community.State.Size)), kind, Digest.Of(bytes));
            chain = chain.Take(entry);
            entries.Add(new JsonObject
            {
                ["sequence"] = entry.Sequence,
                ["previous"] = entry.Previous.ToString(),
                ["time"] = entry.Stamp.Time,
                ["registry_size"] = entry.Stamp.RegistrySize,
                ["kind"] = (int)kind,
                ["message"] = VectorFiles.Hex(bytes),
                ["entry"] = VectorFiles.Hex(entry),
                ["entry_hash"] = entry.Hash.ToString(),
                ["receipt"] = VectorFiles.Hex(receipts.OfEntry(entry)),
            });
        }
        var seen = new Seen(chain.Size, chain.Head, community.State.Size, community.State.Root);
        return new JsonObject
        {
            ["registry_id"] = genesis.RegistryId.ToString(),
            ["owners"] = VectorFiles.Array(genesis.Owners.Select(static owner => (JsonNode)owner.ToString())),
            ["nonce"] = genesis.Nonce.ToString(),
            ["genesis"] = VectorFiles.Hex(genesis),
            ["room_id"] = genesis.RoomId.ToString(),
            ["relay_seed"] = VectorFiles.Hex(seed),
            ["entries"] = entries,
            ["seen"] = new JsonObject
            {
                ["room_size"] = seen.RoomSize,
                ["room_head"] = seen.RoomHead.ToString(),
                ["registry_size"] = seen.RegistrySize,
                ["registry_root"] = seen.RegistryRoot.ToString(),
                ["seen"] = VectorFiles.Hex(seen),
            },
        };
    }

    public static RoomGenesis GenesisOf(FixedCommunity community)
        => new(community.State.Id, [Handle.Parse("alice"), Handle.Parse("bob")], new Digest(FixedKeys.Seed("room nonce")));
}

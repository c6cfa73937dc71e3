using System.Numerics;
using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §9
//
//   tree_node_[N]_secret
//           |
//           +--> ExpandWithLabel(., "tree", "left", KDF.Nh) = tree_node_[left(N)]_secret
//           |
//           +--> ExpandWithLabel(., "tree", "right", KDF.Nh) = tree_node_[right(N)]_secret
//
//   at a leaf:
//           +--> ExpandWithLabel(., "handshake", "", KDF.Nh) = handshake_ratchet_secret_[N]_[0]
//           |
//           +--> ExpandWithLabel(., "application", "", KDF.Nh) = application_ratchet_secret_[N]_[0]
//
// The tree is derived as senders appear: a node's secret is kept only until its children are, so that at any time exactly the secrets
// from which nothing has been consumed are here (RFC 9420 §9.2). Work and memory go with the senders, not with the members.

/// <summary>The keys for every message of an epoch (RFC 9420 §9). Not safe for two threads at once.</summary>
internal sealed class SecretTree : IDisposable
{
    private readonly CipherSuite _suite;
    private readonly uint _width;
    private readonly SortedDictionary<uint, Secret> _nodes = [];
    private readonly SortedDictionary<uint, SenderRatchets> _senders = [];

    /// <summary>The tree of an epoch.</summary>
    /// <param name="suite">The group's.</param>
    /// <param name="encryptionSecret">The root's secret; the tree owns it from here on.</param>
    /// <param name="leafCount">Leaves of the ratchet tree, blank ones included: a power of two.</param>
    public SecretTree(CipherSuite suite, Secret encryptionSecret, uint leafCount)
        : this(suite, leafCount) => _nodes.Add(Root, encryptionSecret);

    private SecretTree(CipherSuite suite, uint leafCount)
    {
        if (!BitOperations.IsPow2(leafCount) || leafCount > 1u << 30)
            throw new ArgumentOutOfRangeException(nameof(leafCount));
        _suite = suite;
        _width = leafCount;
    }

    // RFC 9420 Appendix C: the root of 2^d leaves is node 2^d - 1, and a node at level k has its children 2^(k-1) to either side.
    private uint Root => _width - 1;

    /// <summary>The next key and nonce of one's own leaf, which are given out once.</summary>
    /// <param name="sender">A leaf of the tree.</param>
    /// <param name="type">The ratchet.</param>
    /// <param name="key">Nk bytes, which the caller zeroes after use.</param>
    /// <param name="nonce">Nn bytes, likewise; the reuse guard is the caller's to apply.</param>
    /// <returns>Their generation.</returns>
    public uint Take(LeafIndex sender, RatchetType type, Span<byte> key, Span<byte> nonce) => Expand(sender)[type].Take(key, nonce);

    /// <summary>The key and nonce for opening a message; the tree stays as it was, whatever the answer.</summary>
    public RatchetAnswer TryPeek(
        LeafIndex sender, RatchetType type, uint generation, RatchetBounds bounds, Span<byte> key, Span<byte> nonce)
    {
        if (_senders.TryGetValue(sender.Value, out SenderRatchets? ratchets))
            return ratchets[type].TryPeek(generation, bounds, key, nonce);

        Span<byte> secret = stackalloc byte[_suite.HashLength];
        DeriveLeafSecret(sender, secret);
        using HashRatchet ratchet = CreateRatchet(secret, type);
        CryptographicOperations.ZeroMemory(secret);
        return ratchet.TryPeek(generation, bounds, key, nonce);
    }

    /// <summary>Deletes the key of a message that opened, and everything above it in the tree; false if it was gone already.</summary>
    public bool Consume(LeafIndex sender, RatchetType type, uint generation, RatchetBounds bounds)
        => Expand(sender)[type].Consume(generation, bounds);

    public void Dispose()
    {
        foreach (Secret secret in _nodes.Values)
            secret.Dispose();
        foreach (SenderRatchets ratchets in _senders.Values)
            ratchets.Dispose();
        _nodes.Clear();
        _senders.Clear();
    }

    /// <summary>Everything that is not consumed.</summary>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt32(_width);
        writer.WriteLength(_nodes.Count);
        foreach ((uint node, Secret secret) in _nodes)
        {
            writer.WriteUInt32(node);
            writer.WriteFixed(secret.Span);
        }

        writer.WriteLength(_senders.Count);
        foreach ((uint leaf, SenderRatchets ratchets) in _senders)
        {
            writer.WriteUInt32(leaf);
            ratchets.Handshake.WriteTo(ref writer);
            ratchets.Application.WriteTo(ref writer);
        }
    }

    /// <summary>A tree that <see cref="WriteTo"/> wrote.</summary>
    /// <exception cref="DecodeException">Not such a tree.</exception>
    public static SecretTree ReadFrom(ref TlsReader reader, CipherSuite suite)
    {
        uint width = reader.ReadUInt32();
        if (!BitOperations.IsPow2(width) || width > 1u << 30)
            throw reader.Malformed("the number of leaves is no power of two");
        var tree = new SecretTree(suite, width);
        int nodes = reader.ReadLength(reader.Remaining);
        for (int i = 0; i < nodes; i++)
        {
            uint node = reader.ReadUInt32();
            if (node > tree.Root * 2 || !tree._nodes.TryAdd(node, Secret.CopyOf(reader.ReadFixed(suite.HashLength))))
                throw reader.Malformed("a node secret is outside the tree, or is there twice");
        }

        int senders = reader.ReadLength(reader.Remaining);
        for (int i = 0; i < senders; i++)
        {
            uint leaf = reader.ReadUInt32();
            HashRatchet handshake = HashRatchet.ReadFrom(ref reader, suite);
            HashRatchet application = HashRatchet.ReadFrom(ref reader, suite);
            if (leaf >= width || !tree._senders.TryAdd(leaf, new SenderRatchets(handshake, application)))
                throw reader.Malformed("a sender is outside the tree, or is there twice");
        }

        return tree;
    }

    private SenderRatchets Expand(LeafIndex sender)
    {
        if (_senders.TryGetValue(sender.Value, out SenderRatchets? known))
            return known;

        uint leaf = LeafNode(sender);
        uint node = NearestKept(leaf);
        while (node != leaf)
        {
            _nodes.Remove(node, out Secret? parent);
            uint half = Half(node);
            _nodes.Add(node - half, _suite.ExpandWithLabel(parent!, "tree"u8, "left"u8, _suite.HashLength));
            _nodes.Add(node + half, _suite.ExpandWithLabel(parent!, "tree"u8, "right"u8, _suite.HashLength));
            parent!.Dispose();
            node = Towards(leaf, node);
        }

        _nodes.Remove(leaf, out Secret? secret);
        var ratchets = new SenderRatchets(CreateRatchet(secret!.Span, RatchetType.Handshake), CreateRatchet(secret.Span, RatchetType.Application));
        secret.Dispose();
        _senders.Add(sender.Value, ratchets);
        return ratchets;
    }

    private void DeriveLeafSecret(LeafIndex sender, Span<byte> secret)
    {
        uint leaf = LeafNode(sender);
        uint node = NearestKept(leaf);
        _nodes[node].Span.CopyTo(secret);
        Span<byte> child = stackalloc byte[secret.Length];
        for (; node != leaf; node = Towards(leaf, node))
        {
            _suite.ExpandWithLabel(secret, "tree"u8, leaf < node ? "left"u8 : "right"u8, child);
            child.CopyTo(secret);
        }

        CryptographicOperations.ZeroMemory(child);
    }

    private HashRatchet CreateRatchet(ReadOnlySpan<byte> leafSecret, RatchetType type)
    {
        Secret secret = Secret.Zero(_suite.HashLength);
        _suite.ExpandWithLabel(leafSecret, type == RatchetType.Handshake ? "handshake"u8 : "application"u8, [], secret.WritableSpan);
        return new HashRatchet(_suite, secret);
    }

    private uint LeafNode(LeafIndex sender)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sender.Value, _width, nameof(sender));
        return sender.ToNodeIndex().Value;
    }

    // The lowest node on the way down to the leaf whose secret is still here. There is always one while the leaf has no ratchets.
    private uint NearestKept(uint leaf)
    {
        uint node = Root;
        while (!_nodes.ContainsKey(node))
            node = Towards(leaf, node);
        return node;
    }

    private static uint Towards(uint leaf, uint node) => leaf < node ? node - Half(node) : node + Half(node);

    private static uint Half(uint node)
    {
        int level = BitOperations.TrailingZeroCount(~node);
        return level > 0 ? 1u << (level - 1) : throw new InvalidOperationException("the secrets of this leaf are gone");
    }

    private sealed class SenderRatchets(HashRatchet handshake, HashRatchet application) : IDisposable
    {
        public HashRatchet Handshake { get; } = handshake;

        public HashRatchet Application { get; } = application;

        public HashRatchet this[RatchetType type] => type == RatchetType.Handshake ? Handshake : Application;

        public void Dispose()
        {
            Handshake.Dispose();
            Application.Dispose();
        }
    }
}

using HardwareChat.Wire;

namespace HardwareChat.Mls.Tests.Scenarios;

// RFC 9420 §9
public static class SecretTreeTests
{
    private static readonly CipherSuite Suite = CipherSuite.X25519ChaCha20Poly1305Sha256Ed25519;
    private static readonly RatchetBounds Bounds = new(ForwardSteps: 20, SkippedKeys: 4);
    private static readonly LeafIndex Alice = new(0);
    private static readonly LeafIndex Bob = new(5);

    [Fact]
    public static void Receiver_derives_what_the_sender_took()
    {
        using SecretTree sender = CreateTree(), receiver = CreateTree();
        for (uint generation = 0; generation < 5; generation++)
        {
            (uint Generation, byte[] Key) sent = Take(sender, Bob);
            Assert.Equal(generation, sent.Generation);
            Assert.Equal(sent.Key, Open(receiver, Bob, generation));
        }
    }

    [Fact]
    public static void Ratchets_of_one_leaf_share_no_key()
    {
        using SecretTree tree = CreateTree();
        byte[] key = new byte[Suite.KeyLength], nonce = new byte[CipherSuite.NonceLength];
        tree.Take(Alice, RatchetType.Handshake, key, nonce);
        Assert.NotEqual(key, Take(tree, Alice).Key);
    }

    [Fact]
    public static void Key_is_given_out_once()
    {
        using SecretTree tree = CreateTree();
        Open(tree, Bob, 0);
        Assert.Equal(RatchetAnswer.Consumed, Peek(tree, Bob, 0, out _));
    }

    [Fact]
    public static void Messages_open_out_of_order_and_each_once()
    {
        using SecretTree sender = CreateTree(), receiver = CreateTree();
        byte[][] keys = [.. Enumerable.Range(0, 4).Select(_ => Take(sender, Bob).Key)];
        foreach (uint generation in (uint[])[3, 0, 2, 1])
            Assert.Equal(keys[generation], Open(receiver, Bob, generation));
        for (uint generation = 0; generation < 4; generation++)
            Assert.Equal(RatchetAnswer.Consumed, Peek(receiver, Bob, generation, out _));
    }

    [Fact]
    public static void Oldest_skipped_keys_are_deleted_beyond_the_bound()
    {
        using SecretTree tree = CreateTree();
        Open(tree, Bob, 10);
        Assert.Equal(RatchetAnswer.Consumed, Peek(tree, Bob, 5, out _));
        Assert.Equal(RatchetAnswer.Found, Peek(tree, Bob, 6, out _));

        Open(tree, Bob, 13);
        Assert.Equal(RatchetAnswer.Consumed, Peek(tree, Bob, 7, out _));
        Assert.Equal(RatchetAnswer.Found, Peek(tree, Bob, 8, out _));
    }

    [Theory]
    [InlineData(20u, true)]
    [InlineData(21u, false)]
    [InlineData(1_000_000u, false)]
    [InlineData(uint.MaxValue, false)]
    public static void Jump_ahead_is_bounded(uint generation, bool found)
    {
        using SecretTree tree = CreateTree();
        Assert.Equal(found ? RatchetAnswer.Found : RatchetAnswer.TooFarAhead, Peek(tree, Bob, generation, out _));
    }

    [Fact]
    public static void Peeking_leaves_the_tree_byte_for_byte_as_it_was()
    {
        using SecretTree tree = CreateTree();
        Open(tree, Alice, 2);
        byte[] before = Save(tree);
        Peek(tree, Bob, 7, out _);
        Peek(tree, Alice, 0, out _);
        Peek(tree, Alice, 9, out _);
        Assert.Equal(before, Save(tree));
    }

    [Fact]
    public static void Saved_tree_goes_on_where_it_was()
    {
        using SecretTree sender = CreateTree(), receiver = CreateTree();
        byte[][] keys = [.. Enumerable.Range(0, 6).Select(_ => Take(sender, Bob).Key)];
        Open(receiver, Bob, 3);
        byte[] saved = Save(receiver);

        var reader = new TlsReader(saved);
        using SecretTree restored = SecretTree.ReadFrom(ref reader, Suite);
        reader.ThrowIfNotEmpty();
        Assert.Equal(saved, Save(restored));
        Assert.Equal(keys[1], Open(restored, Bob, 1));
        Assert.Equal(keys[5], Open(restored, Bob, 5));
        Assert.Equal(RatchetAnswer.Consumed, Peek(restored, Bob, 3, out _));
    }

    // RFC 9420 §9.2
    [Fact]
    public static void Saved_tree_holds_no_consumed_key_and_no_secret_above_it()
    {
        using SecretTree sender = CreateTree(), receiver = CreateTree();
        byte[] used = Take(sender, Bob).Key;
        byte[] later = Take(sender, Bob).Key;
        Assert.True(Holds(Save(receiver), Root));
        Open(receiver, Bob, 1);
        Assert.True(Holds(Save(receiver), used));
        Open(receiver, Bob, 0);

        byte[] saved = Save(receiver);
        Assert.False(Holds(saved, Root));
        Assert.False(Holds(saved, used));
        Assert.False(Holds(saved, later));
    }

    [Fact]
    public static void Leaf_outside_the_tree_is_the_callers_mistake()
    {
        using SecretTree tree = CreateTree();
        Assert.Throws<ArgumentOutOfRangeException>(() => Peek(tree, new LeafIndex(8), 0, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Peek(tree, new LeafIndex(uint.MaxValue), 0, out _));
    }

    [Fact]
    public static void Tree_of_one_leaf_has_ratchets()
    {
        using var tree = new SecretTree(Suite, Secret.CopyOf(Root), 1);
        Assert.Equal(RatchetAnswer.Found, Peek(tree, Alice, 0, out byte[] peeked));
        Assert.Equal(peeked, Take(tree, Alice).Key);
    }

    private static byte[] Root { get; } = [.. Enumerable.Repeat((byte)0x5A, 32)];

    private static SecretTree CreateTree() => new(Suite, Secret.CopyOf(Root), 8);

    private static (uint Generation, byte[] Key) Take(SecretTree tree, LeafIndex sender)
    {
        byte[] key = new byte[Suite.KeyLength], nonce = new byte[CipherSuite.NonceLength];
        return (tree.Take(sender, RatchetType.Application, key, nonce), key);
    }

    private static RatchetAnswer Peek(SecretTree tree, LeafIndex sender, uint generation, out byte[] key)
    {
        key = new byte[Suite.KeyLength];
        return tree.TryPeek(sender, RatchetType.Application, generation, Bounds, key, new byte[CipherSuite.NonceLength]);
    }

    private static byte[] Open(SecretTree tree, LeafIndex sender, uint generation)
    {
        Assert.Equal(RatchetAnswer.Found, Peek(tree, sender, generation, out byte[] key));
        tree.Consume(sender, RatchetType.Application, generation, Bounds);
        return key;
    }

    private static bool Holds(byte[] state, byte[] secret) => state.AsSpan().IndexOf(secret) >= 0;

    private static byte[] Save(SecretTree tree)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        tree.WriteTo(ref writer);
        return buffer.WrittenSpan.ToArray();
    }
}

using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

public sealed class CipherStateTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(static i => (byte)i)];

    [Fact]
    public void Rekey_is_the_encryption_of_zeros_under_the_reserved_nonce()
    {
        // By NSec's own ChaCha20-Poly1305, not by the calls under test.
        using Key old = NSec.Cryptography.Key.Import(AeadAlgorithm.ChaCha20Poly1305, Key, KeyBlobFormat.RawSymmetricKey);
        byte[] reserved = [0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
        byte[] next = AeadAlgorithm.ChaCha20Poly1305.Encrypt(old, reserved, [], new byte[32])[..32];

        using var renewed = new CipherState(Key);
        renewed.Rekey();
        using var expected = new CipherState(next);
        var one = new byte[20];
        var two = new byte[20];
        renewed.EncryptWithAd("ad"u8, "text"u8, one);
        expected.EncryptWithAd("ad"u8, "text"u8, two);
        Assert.Equal(two, one);
    }

    [Fact]
    public void Rekey_leaves_n_as_it_is()
    {
        using var state = new CipherState(Key);
        state.EncryptWithAd([], "text"u8, new byte[20]);
        state.Rekey();
        Assert.Equal(1UL, state.Nonce);
    }

    [Fact]
    public void The_reserved_nonce_is_never_used()
    {
        using var state = new CipherState(Key);
        state.SetNonce(CipherState.ReservedNonce - 1);
        var sealedBytes = new byte[20];
        state.EncryptWithAd([], "text"u8, sealedBytes);
        Assert.Equal(CipherState.ReservedNonce, state.Nonce);
        Assert.Throws<InvalidOperationException>(() => state.EncryptWithAd([], "text"u8, sealedBytes));
        Assert.Throws<InvalidOperationException>(() => state.DecryptWithAd([], sealedBytes, sealedBytes, out _));
    }

    [Fact]
    public void A_forgery_leaves_n_as_it_is()
    {
        using var sender = new CipherState(Key);
        using var receiver = new CipherState(Key);
        var sealedBytes = new byte[20];
        sender.EncryptWithAd("ad"u8, "text"u8, sealedBytes);
        var opened = new byte[4];
        Assert.False(receiver.DecryptWithAd("other"u8, sealedBytes, opened, out _));
        Assert.False(receiver.DecryptWithAd("ad"u8, sealedBytes.AsSpan(0, 15), opened, out _));
        Assert.True(receiver.DecryptWithAd("ad"u8, sealedBytes, opened, out _));
        Assert.Equal("text"u8, opened);
    }

    [Fact]
    public void Without_a_key_nothing_is_encrypted()
    {
        using var state = new CipherState();
        var output = new byte[4];
        Assert.Equal(4, state.EncryptWithAd("ad"u8, "text"u8, output));
        Assert.Equal("text"u8, output);
        Assert.Equal(0UL, state.Nonce);
        Assert.Throws<InvalidOperationException>(state.Rekey);
    }

    [Fact]
    public void A_disposed_state_seals_nothing()
    {
        var state = new CipherState(Key);
        state.Dispose();
        Assert.Throws<ObjectDisposedException>(() => state.EncryptWithAd([], "text"u8, new byte[20]));
        Assert.Throws<ObjectDisposedException>(state.Rekey);
    }
}

using System.Security.Cryptography;
using System.Text;

namespace HardwareChat.Protocol.Tests;

public sealed class LabelledTests
{
    [Fact]
    public void Hash_is_sha256_of_the_labelled_bytes()
    {
        byte[] expected = SHA256.HashData(Encoding.ASCII.GetBytes("HardwareChat 1 session\0abc"));
        Assert.Equal(expected, Labelled.Hash(Labels.Session, "abc"u8).ToArray());
        Assert.Equal(expected, SHA256.HashData(Labelled.Bytes(Labels.Session, "abc"u8)));
    }

    [Fact]
    public void Digest_keeps_its_bytes_and_its_order()
    {
        byte[] bytes = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
        var digest = new Digest(bytes);
        Assert.Equal(bytes, digest.ToArray());
        Assert.Equal("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", digest.ToString());
        Assert.Throws<ArgumentException>(() => new Digest(new byte[31]));
    }
}

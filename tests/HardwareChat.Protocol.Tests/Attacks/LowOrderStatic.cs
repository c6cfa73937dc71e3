using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>A peer that sends a static key of its choice, sealed as the handshake asks: Noise written out by hand.</summary>
internal static class LowOrderStatic
{
    private static readonly byte[] Ephemeral = ChannelFixture.Bytes(0x42);

    /// <summary>Plays the peer in this role, and asserts that the other end refuses the point as its s.</summary>
    public static void Refused(NoiseRole peer, byte[] point)
    {
        using Key honest = ChannelFixture.X25519(2);
        NoiseRole role = peer == NoiseRole.Initiator ? NoiseRole.Responder : NoiseRole.Initiator;
        using HandshakeState end = HandshakeState.WithFixedEphemeral(role, [], honest, ChannelFixture.Bytes(0x43));
        using var symmetric = new SymmetricState("Noise_XX_25519_ChaChaPoly_SHA256"u8);
        symmetric.MixHash([]);
        byte[] message = peer == NoiseRole.Responder ? AsResponder(end, symmetric, point) : AsInitiator(end, symmetric, point);
        ChannelRuleTests.AssertBreaks(ChannelRule.SharedSecretIsNotZero, () => end.ReadMessage(message, new byte[16]));
    }

    private static byte[] AsResponder(HandshakeState end, SymmetricState symmetric, byte[] point)
    {
        var first = new byte[32];
        end.WriteMessage([], first);
        symmetric.MixHash(first);
        symmetric.EncryptAndHash([], []);
        byte[] e = Public(Ephemeral);
        symmetric.MixHash(e);
        symmetric.MixKey(Shared(Ephemeral, first));
        var s = new byte[48];
        symmetric.EncryptAndHash(point, s);
        return [.. e, .. s, .. new byte[16]];
    }

    private static byte[] AsInitiator(HandshakeState end, SymmetricState symmetric, byte[] point)
    {
        byte[] e = Public(Ephemeral);
        symmetric.MixHash(e);
        symmetric.EncryptAndHash([], []);
        end.ReadMessage(e, []);
        var second = new byte[end.NextOverhead];
        end.WriteMessage([], second);
        symmetric.MixHash(second.AsSpan(0, 32));
        symmetric.MixKey(Shared(Ephemeral, second[..32]));
        var rs = new byte[32];
        Assert.True(symmetric.DecryptAndHash(second.AsSpan(32, 48), rs, out _));
        symmetric.MixKey(Shared(Ephemeral, rs));
        Assert.True(symmetric.DecryptAndHash(second.AsSpan(80), [], out _));
        var s = new byte[48];
        symmetric.EncryptAndHash(point, s);
        return [.. s, .. new byte[16]];
    }

    private static byte[] Public(byte[] scalar)
    {
        using Key key = Key.Import(KeyAgreementAlgorithm.X25519, scalar, KeyBlobFormat.RawPrivateKey);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    private static byte[] Shared(byte[] scalar, byte[] point)
    {
        var shared = new byte[32];
        Assert.True(Sodium.X25519(scalar, point, shared));
        return shared;
    }
}

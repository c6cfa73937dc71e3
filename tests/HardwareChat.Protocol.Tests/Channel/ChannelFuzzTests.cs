using CsCheck;
using HardwareChat.Wire;

namespace HardwareChat.Protocol.Tests;

/// <summary>The fuzz entries of channel and frames over a small corpus: valid inputs, and each of them cut and changed.</summary>
public sealed class ChannelFuzzTests : IDisposable
{
    private readonly ChannelFixture _f = new();

    public void Dispose() => _f.Dispose();

    private delegate void FuzzEntry(ReadOnlySpan<byte> input);

    [Fact]
    public void RelayAuth_entry() => Replay(RelayAuth.Fuzz, [TlsWriter.Encode(_f.GoodRelayAuth())], accepted: 1);

    [Fact]
    public void ClientAuth_entry()
        => Replay(
            ClientAuth.Fuzz,
            [TlsWriter.Encode<ClientAuth>(new ClientAuth.Member(_f.Grant())), TlsWriter.Encode<ClientAuth>(ClientAuth.Guest.Sign(_f.InviteKey, _f.RelayId, _f.ClientStatic))],
            accepted: 2);

    [Fact]
    public void Ready_entry() => Replay(Ready.Fuzz, [TlsWriter.Encode(new Ready(1, 2, "checkpoint"u8.ToArray(), []))], accepted: 1);

    [Fact]
    public void Relay_end_entry()
    {
        using var keys = new FuzzKeys();
        byte[] guest = TlsWriter.Encode<ClientAuth>(ClientAuth.Guest.Sign(
            _f.InviteKey, keys.Admission().RelayId, keys.Client.PublicKey.Export(NSec.Cryptography.KeyBlobFormat.RawPublicKey)));
        byte[] member = TlsWriter.Encode<ClientAuth>(new ClientAuth.Member(_f.Grant()));
        Replay(RelayHandshake.Fuzz, [[2, .. guest], [2, .. member], [0, .. new byte[33]], [1, .. new byte[100]], [3, 0]], accepted: 1, step: 7);
    }

    [Fact]
    public void Client_end_entry()
    {
        using var keys = new FuzzKeys();
        byte[] auth = TlsWriter.Encode(keys.RelayAuth());
        byte[] ready = TlsWriter.Encode(new Ready(1, 2, default, []));
        Replay(ClientHandshake.Fuzz, [[1, .. auth], [3, .. ready], [0, .. new byte[300]], [2, .. new byte[60]]], accepted: 1, step: 7);
    }

    [Fact]
    public void Records_entry() => Replay(RecordOpener.Fuzz, [[4, 0, 2, 0xAA, 0xBB], [2, 3, 1], [2, 1, 9, 4, 0, 2, 1, 1], []], accepted: 3);

    [Fact]
    public void Frame_entry()
        => Replay(Frame.Fuzz, [.. Enum.GetValues<FrameKind>().Select(static kind => TlsWriter.Encode(FrameGen.Frame(kind).Single()))], accepted: 43, step: 3);

    // Each seed as it is, every prefix of it, and every byte of it changed in three ways (or every step-th, where an input is dear).
    private static void Replay(FuzzEntry entry, byte[][] seeds, int accepted, int step = 1)
    {
        Assert.Equal(accepted, seeds.Count(seed => Run(entry, seed)));
        foreach (byte[] seed in seeds)
        {
            for (int i = 0; i < seed.Length; i += step)
            {
                Run(entry, seed[..i]);
                foreach (byte change in (byte[])[0x01, 0x80, 0xFF])
                {
                    byte[] changed = [.. seed];
                    changed[i] ^= change;
                    Run(entry, changed);
                }
            }
        }
    }

    private static bool Run(FuzzEntry entry, byte[] input)
    {
        try
        {
            entry(input);
            return true;
        }
        catch (Exception e) when (e is DecodeException or ChannelException)
        {
            return false;
        }
    }
}

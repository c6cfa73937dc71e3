using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;
using MlsExtension = HardwareChat.Mls.Extension;

namespace HardwareChat.Client;

/// <summary>How rooms use MLS groups.</summary>
internal static class RoomGroup
{
    /// <summary>Five epochs kept, 1,000 generations forward, 64 skipped keys; handshakes are PublicMessages.</summary>
    public static GroupOptions Options { get; } = new() { PastEpochs = 5, Bounds = new RatchetBounds(1000, 64) };

    /// <summary>The extensions of a GroupInfo: what its signer had seen.</summary>
    public static ExtensionList ExtensionsOf(Seen seen) => new(MlsExtension.Of(new ExtensionType(Seen.ExtensionType), seen));

    /// <summary>A log that goes on by itself.</summary>
    public static RoomLog Copy(RoomLog log)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        log.WriteTo(ref writer);
        var reader = new TlsReader(buffer.WrittenSpan);
        return RoomLog.ReadFrom(ref reader);
    }
}

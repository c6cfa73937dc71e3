using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// The WebSocket subprotocol is the protocol's version. What was offered and what was chosen stand in the prologue, so that
// whoever strips or changes either of them makes the handshake fail:
//
//   prologue = "HardwareChat 1 channel" || 0x00 || struct {
//     opaque offered<V>;          the client's Sec-WebSocket-Protocol list, as it was sent / as it arrived
//     opaque chosen<V>;           the one value that the relay answered
//     opaque registry_id[32];
//   }

/// <summary>The WebSocket subprotocol, and the prologue that binds it.</summary>
public static class Subprotocol
{
    /// <summary>The one that this version speaks.</summary>
    public const string Current = "hwchat.1";

    /// <summary>What a relay answers to a client's Sec-WebSocket-Protocol list; null if it offers nothing that the relay speaks.</summary>
    public static string? Choose(string offered)
    {
        ArgumentNullException.ThrowIfNull(offered);
        return Offers(offered, Current) ? Current : null;
    }

    /// <summary>The prologue of a channel's handshake.</summary>
    /// <exception cref="ChannelException">The chosen value is not ours, or was not offered, or the list is too long.</exception>
    public static byte[] Prologue(string offered, string chosen, RegistryId registry)
    {
        ArgumentNullException.ThrowIfNull(offered);
        if (chosen != Current || !Offers(offered, chosen) || offered.Length > ProtocolLimits.SubprotocolBytes || !Ascii.IsValid(offered))
            throw new ChannelException(ChannelRule.SubprotocolIsOffered);
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        writer.WriteFixed(Labelled.Bytes(Labels.Channel, []));
        writer.WriteOpaque(Encoding.ASCII.GetBytes(offered));
        writer.WriteOpaque(Encoding.ASCII.GetBytes(chosen));
        registry.WriteTo(ref writer);
        return buffer.WrittenSpan.ToArray();
    }

    private static bool Offers(string offered, string wanted) => offered.Split(',', StringSplitOptions.TrimEntries).Contains(wanted, StringComparer.Ordinal);
}

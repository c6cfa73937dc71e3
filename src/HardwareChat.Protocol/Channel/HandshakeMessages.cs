using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>Handshake messages with structures as payloads.</summary>
internal static class HandshakeMessages
{
    /// <summary>Writes the next message with this payload.</summary>
    public static byte[] Write<TState>(HandshakeState noise, VectorBody<TState> payload, TState state)
        where TState : allows ref struct
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        payload(ref writer, state);
        var message = new byte[noise.NextOverhead + buffer.WrittenSpan.Length];
        noise.WriteMessage(buffer.WrittenSpan, message);
        return message;
    }

    /// <summary>Reads the next message, of at most <paramref name="limit"/> bytes; returns its payload.</summary>
    /// <exception cref="ChannelException">Too long, too short, not authentic, or with a point of low order.</exception>
    public static byte[] Read(HandshakeState noise, ReadOnlySpan<byte> message, int limit)
    {
        if (message.Length > limit || message.Length < noise.NextOverhead)
            throw new ChannelException(ChannelRule.HandshakeMessageSize);
        var payload = new byte[message.Length - noise.NextOverhead];
        noise.ReadMessage(message, payload);
        return payload;
    }
}

namespace HardwareChat.Protocol;

/// <summary>How a channel stands.</summary>
/// <remarks>
/// <code>
///   Open --close sent------> Closing --close received--> Closed
///   Open --close received--> Closed
///   Open, Closing --socket ended--> Lost
///   any but Closed --record refused--> Failed
/// </code>
/// Only Closed is an end of data. After Lost or Failed, what was not acknowledged is sent again on a new channel.
/// </remarks>
public enum ChannelState
{
    /// <summary>Both directions run.</summary>
    Open,

    /// <summary>This end has said its last word and waits for the peer's.</summary>
    Closing,

    /// <summary>The peer said its last word: nothing is missing.</summary>
    Closed,

    /// <summary>The socket ended without a close: something may be missing.</summary>
    Lost,

    /// <summary>A record was refused: the peer, or somebody between, broke the protocol.</summary>
    Failed,
}

/// <summary>An authenticated, encrypted channel between a client and a relay, after Ready.</summary>
/// <remarks>The two directions may be used by two threads, one each.</remarks>
public sealed class SecureChannel : IDisposable
{
    private volatile bool _socketEnded;
    private readonly byte[] _handshakeHash;

    internal SecureChannel(CipherState sending, CipherState receiving, ulong notAfter, int frameLimit, byte[] handshakeHash)
    {
        Sealer = new RecordSealer(sending);
        Opener = new RecordOpener(receiving, frameLimit);
        NotAfter = notAfter;
        _handshakeHash = handshakeHash;
    }

    /// <summary>The sending direction.</summary>
    public RecordSealer Sealer { get; }

    /// <summary>The receiving direction.</summary>
    public RecordOpener Opener { get; }

    /// <summary>Unix seconds, the relay's, at which the channel ends.</summary>
    public ulong NotAfter { get; }

    /// <summary>Noise's h: the same on both ends, different in every channel; public.</summary>
    public ReadOnlySpan<byte> HandshakeHash => _handshakeHash;

    /// <summary>How the channel stands.</summary>
    public ChannelState State => this switch
    {
        { Opener.Closed: not null } => ChannelState.Closed,
        { Opener.HasFailed: true } => ChannelState.Failed,
        { _socketEnded: true } => ChannelState.Lost,
        { Sealer.IsClosed: true } => ChannelState.Closing,
        _ => ChannelState.Open,
    };

    /// <summary>Opens the next record in place, if the channel's time is not over.</summary>
    /// <param name="record">As it arrived.</param>
    /// <param name="now">The caller's clock, Unix seconds: the relay's is the one that counts.</param>
    /// <exception cref="Wire.DecodeException">Malformed.</exception>
    /// <exception cref="ChannelException">A rule was broken, or time is over.</exception>
    public ReceivedFrames Open(Span<byte> record, ulong now)
    {
        if (now > NotAfter)
        {
            Opener.Fail();
            throw new ChannelException(ChannelRule.ChannelIsWithinItsLifetime);
        }
        return Opener.Open(record);
    }

    /// <summary>The socket has ended; what that means is in <see cref="State"/>.</summary>
    public void SocketEnded() => _socketEnded = true;

    /// <summary>Zeroes the keys of both directions.</summary>
    public void Dispose()
    {
        Sealer.Dispose();
        Opener.Dispose();
    }
}

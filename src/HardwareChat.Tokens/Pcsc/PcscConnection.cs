namespace HardwareChat.Tokens.Pcsc;

/// <summary>The way to the card in one reader, tried as often as it takes: connecting, too, waits for as long as another program has the card.</summary>
internal sealed class PcscConnection
{
    private readonly string _reader;
    private readonly Func<PcscLibrary> _library;
    private readonly BlockingCall<Attempt> _connecting;

    /// <param name="reader">The reader's name.</param>
    /// <param name="library">The PC/SC library; asked for at each attempt, so that a missing one is reported then.</param>
    public PcscConnection(string reader, Func<PcscLibrary>? library = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(reader);
        _reader = reader;
        _library = library ?? (() => PcscLibrary.Instance);
        _connecting = new BlockingCall<Attempt>(Connect, attempt => attempt.Channel?.Dispose());
    }

    /// <summary>A channel to the card, shared with other programs. The channel has a context of its own.</summary>
    /// <exception cref="CardChannelException">The card cannot be reached; <see cref="CardFault.Busy"/> where another attempt may do better.</exception>
    public ICardChannel Open()
    {
        Attempt attempt = _connecting.Await(PcscChannel.Moment) ?? new Attempt(null, PcscFault.From(PcscFault.SharingViolation, _reader));
        return attempt.Channel ?? throw attempt.Problem!;
    }

    private Attempt Connect()
    {
        try
        {
            return new Attempt(PcscContext.Establish(_library()).Connect(_reader), null);
        }
        catch (CardChannelException problem)
        {
            return new Attempt(null, problem);
        }
    }

    private readonly record struct Attempt(ICardChannel? Channel, CardChannelException? Problem);
}

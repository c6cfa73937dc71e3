using HardwareChat.Tokens.Apdu;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>One application of the card: it gets whole commands, chaining undone, and gives whole answers.</summary>
internal abstract class CardApplication
{
    public abstract ReadOnlySpan<byte> Aid { get; }

    /// <summary>The answer to SELECT.</summary>
    public abstract byte[] Select();

    /// <exception cref="Wire.DecodeException">The data is malformed; the card answers 6A80.</exception>
    public abstract CardAnswer Process(in CommandApdu command);
}

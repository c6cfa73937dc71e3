namespace HardwareChat.Tokens.Simulator;

/// <summary>A PIN or PUK as the card keeps it: eight bytes padded with 0xFF, and the tries that are left.</summary>
// SP 800-73-4 Part 2 §2.4.3: the PIN is 6 to 8 bytes, right-padded to 8 with FF.
internal sealed class ReferenceValue(ReadOnlySpan<byte> value, byte tries, byte remaining) : IDisposable
{
    public const int Length = 8;
    private const int ShortestValue = 6;
    private const byte Padding = 0xFF;

    private CardSecret _value = new(value);

    /// <summary>Wrong tries allowed in a row.</summary>
    public byte Tries { get; private set; } = tries;

    public byte Remaining { get; private set; } = remaining;

    public bool IsBlocked => Remaining == 0;

    public ReadOnlySpan<byte> Span => _value.Span;

    /// <summary>Compares without taking a try: for the card's own questions about itself.</summary>
    public bool Matches(ReadOnlySpan<byte> candidate) => _value.Matches(candidate);

    /// <summary>Takes one try; a right value gives all of them back. A blocked value matches nothing.</summary>
    public bool Try(ReadOnlySpan<byte> candidate)
    {
        if (IsBlocked)
            return false;
        Remaining--;
        if (!_value.Matches(candidate))
            return false;
        Remaining = Tries;
        return true;
    }

    /// <summary>Sets another value and gives all tries back.</summary>
    public void Replace(ReadOnlySpan<byte> replacement)
    {
        CardSecret old = _value;
        _value = new CardSecret(replacement);
        old.Dispose();
        Remaining = Tries;
    }

    public void SetTries(byte count)
    {
        Tries = count;
        Remaining = count;
    }

    /// <summary>Whether the bytes have the form of a PIN: six to eight bytes that are not padding, then padding up to eight.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> value)
    {
        if (value.Length != Length)
            return false;
        int significant = value.IndexOf(Padding);
        if (significant < 0)
            return true;
        return significant >= ShortestValue && !value[significant..].ContainsAnyExcept(Padding);
    }

    public void Dispose() => _value.Dispose();
}

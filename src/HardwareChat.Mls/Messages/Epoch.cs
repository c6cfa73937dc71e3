namespace HardwareChat.Mls;

/// <summary>The number of a state of the group, from 0 (RFC 9420 §12).</summary>
/// <param name="Value">The number on the wire.</param>
public readonly record struct Epoch(ulong Value) : IComparable<Epoch>
{
    /// <summary>The epoch after this one.</summary>
    public Epoch Next => new(checked(Value + 1));

    /// <inheritdoc/>
    public int CompareTo(Epoch other) => Value.CompareTo(other.Value);

    /// <summary>Earlier.</summary>
    public static bool operator <(Epoch left, Epoch right) => left.Value < right.Value;

    /// <summary>Later.</summary>
    public static bool operator >(Epoch left, Epoch right) => left.Value > right.Value;

    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(Epoch left, Epoch right) => left.Value <= right.Value;

    /// <summary>Later or the same.</summary>
    public static bool operator >=(Epoch left, Epoch right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => $"epoch {Value}";
}

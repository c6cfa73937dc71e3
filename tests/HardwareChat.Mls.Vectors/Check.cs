namespace HardwareChat.Mls.Vectors;

/// <summary>Compares what the library made with what the vector says.</summary>
internal static class Check
{
    public static void Bytes(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, string what)
    {
        if (!expected.SequenceEqual(actual))
            throw new VectorException($"{what} is {Abridged(actual)}, not {Abridged(expected)}");
    }

    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new VectorException($"{what} is {actual}, not {expected}");
    }

    public static void True(bool holds, string what)
    {
        if (!holds)
            throw new VectorException($"it does not hold that {what}");
    }

    private static string Abridged(ReadOnlySpan<byte> bytes)
        => bytes.Length <= 40 ? Convert.ToHexStringLower(bytes) : $"{Convert.ToHexStringLower(bytes[..40])}... ({bytes.Length} bytes)";
}

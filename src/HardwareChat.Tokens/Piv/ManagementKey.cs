namespace HardwareChat.Tokens.Piv;

/// <summary>The key that opens a card's administration (9B): generating keys, writing objects, setting retries.</summary>
public sealed class ManagementKey : IDisposable
{
    private readonly TokenSecret _secret;

    /// <summary>A key of a copy of <paramref name="key"/>, which the caller clears.</summary>
    /// <param name="algorithm">Triple DES, or AES-128, -192 or -256.</param>
    /// <param name="key">24, 16, 24 or 32 bytes.</param>
    /// <exception cref="ArgumentException">The length does not fit, or this is no algorithm of a management key.</exception>
    public ManagementKey(PivAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        if (key.Length != SizeOf(algorithm))
            throw new ArgumentException($"A {algorithm} management key has {SizeOf(algorithm)} bytes.", nameof(key));
        Algorithm = algorithm;
        _secret = new TokenSecret(key);
    }

    /// <summary>The cipher.</summary>
    public PivAlgorithm Algorithm { get; }

    /// <summary>The key, until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Span => _secret.Span;

    /// <summary>The key that every YubiKey leaves the factory with, for the algorithm that the card uses.</summary>
    public static ManagementKey FactoryDefault(PivAlgorithm algorithm)
    {
        ReadOnlySpan<byte> key = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];
        return new ManagementKey(algorithm, key);
    }

    /// <summary>Bytes of a key of <paramref name="algorithm"/>.</summary>
    /// <exception cref="ArgumentException">This is no algorithm of a management key.</exception>
    public static int SizeOf(PivAlgorithm algorithm) => algorithm switch
    {
        PivAlgorithm.TripleDes or PivAlgorithm.Aes192 => 24,
        PivAlgorithm.Aes128 => 16,
        PivAlgorithm.Aes256 => 32,
        _ => throw new ArgumentException($"{algorithm} is no algorithm of a management key.", nameof(algorithm)),
    };

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => _secret.Dispose();

    /// <summary>Names the algorithm, and nothing of the key.</summary>
    public override string ToString() => $"({Algorithm} management key)";
}

namespace HardwareChat.Fuzz;

/// <summary>Changes inputs as fuzzers do, from a seed: the same seed makes the same inputs. No feedback, so no replacement for AFL++.</summary>
public sealed class Mutator(int seed)
{
    private const int MaxLength = 64 * 1024;

    // Lengths, counts and tags go wrong at these.
    private static readonly byte[] Edges = [0x00, 0x01, 0x3F, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xFE, 0xFF];

    private readonly Random _random = new(seed);

    /// <summary>One input made of the corpus: a member of it with one to eight changes.</summary>
    public byte[] Next(IReadOnlyList<byte[]> corpus)
    {
        List<byte> input = [.. corpus.Count > 0 ? corpus[_random.Next(corpus.Count)] : []];
        for (int changes = _random.Next(1, 9); changes > 0; changes--)
            Change(input, corpus);
        return [.. input.Take(MaxLength)];
    }

    private void Change(List<byte> input, IReadOnlyList<byte[]> corpus)
    {
        int at = input.Count == 0 ? 0 : _random.Next(input.Count);
        switch (input.Count == 0 ? 3 : _random.Next(8))
        {
            case 0:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                input[at] = Edges[_random.Next(Edges.Length)];
                break;
            case 2:
                input[at] = (byte)_random.Next(256);
                break;
            case 3:
                input.InsertRange(at, Enumerable.Range(0, _random.Next(1, 9)).Select(_ => (byte)_random.Next(256)));
                break;
            case 4:
                input.RemoveRange(at, Math.Min(input.Count - at, _random.Next(1, 9)));
                break;
            case 5:
                input.RemoveRange(at, input.Count - at);
                break;
            case 6:
                input.InsertRange(at, input.GetRange(at, Math.Min(input.Count - at, _random.Next(1, 33))));
                break;
            default:
                byte[] other = corpus[_random.Next(corpus.Count)];
                if (other.Length > 0)
                    input.InsertRange(at, other.Skip(_random.Next(other.Length)).Take(_random.Next(1, 65)));
                break;
        }
    }
}

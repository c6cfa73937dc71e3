using System.Text;
using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.Bench.Client;

/// <summary>A history of made-up messages: words as unequally frequent as in a language, rooms by turns.</summary>
internal sealed class History
{
    private const int Vocabulary = 40_000;
    private const int WordsAtMost = 24;

    private readonly Random _random;
    private readonly string[] _words;
    private readonly int _messages;
    private ulong _next;

    public History(int messages, int rooms, int seed)
    {
        _random = new Random(seed);
        _messages = messages;
        Rooms = rooms;
        _words = [.. Enumerable.Range(0, Vocabulary).Select(_ => Word())];
    }

    public int Rooms { get; }

    /// <summary>A word in many messages, one in few, one letter, and two words.</summary>
    public IEnumerable<(string Name, string Query)> Queries =>
    [
        ("frequent word", _words[3]), ("rare word", _words[Vocabulary / 2]), ("one letter", _words[9][..1]), ("two words", $"{_words[2]} {_words[40]}"),
    ];

    public static RoomId Room(int number) => new(Digest.Of([(byte)number, (byte)(number >> 8)]));

    public StoredMessage Next()
    {
        int room = (int)(_next % (ulong)Rooms);
        ulong sequence = (_next++ / (ulong)Rooms) + 1;
        return new StoredMessage(Room(room), sequence)
        {
            Id = Digest.Of(BitConverter.GetBytes(_next)).ToArray(),
            Sender = Handle.Parse("alice"),
            Token = new TokenId(Digest.Of([(byte)(_next % 50)])),
            Time = 1_800_000_000 + _next,
            Content = Encoding.UTF8.GetBytes(Text()),
        };
    }

    public void InBatches(int size, Action<StoredMessage[]> put)
    {
        _next = 0;
        for (int done = 0; done < _messages; done += size)
            put([.. Enumerable.Range(0, Math.Min(size, _messages - done)).Select(_ => Next())]);
    }

    private string Text() => string.Join(' ', Enumerable.Range(0, _random.Next(3, WordsAtMost)).Select(_ => _words[Rank()]));

    // Rank r about as often as 1/r.
    private int Rank() => (int)Math.Pow(Vocabulary, _random.NextDouble()) - 1;

    private string Word()
    {
        const string Letters = "etaoinshrdlucmfwypvbgkjqxz";
        return string.Create(_random.Next(2, 11), _random, static (word, random) =>
        {
            foreach (ref char letter in word)
                letter = Letters[Math.Min(random.Next(Letters.Length), random.Next(Letters.Length))];
        });
    }
}

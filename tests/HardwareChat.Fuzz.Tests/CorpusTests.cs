namespace HardwareChat.Fuzz.Tests;

public static class CorpusTests
{
    private const int Mutations = 3000;
    private const int Seed = 20261123;

    private static readonly string Corpora = FuzzTarget.FindCorpora(AppContext.BaseDirectory);

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Targets))]
    public static void Corpus_and_its_mutations_end_in_a_value_or_a_refusal(string name)
    {
        FuzzTarget target = FuzzTarget.All[name];
        byte[][] corpus = [.. Files(name).Select(File.ReadAllBytes)];
        Assert.NotEmpty(corpus);
        target.Run([]);
        foreach (byte[] input in corpus)
            target.Run(input);

        var mutator = new Mutator(Seed);
        for (int i = 0; i < Mutations; i++)
        {
            byte[] input = mutator.Next(corpus);
            try
            {
                target.Run(input);
            }
            catch (Exception find)
            {
                Assert.Fail($"{Convert.ToHexString(input)}: {find}");
            }
        }
    }

    [Fact]
    public static void Every_corpus_belongs_to_a_target()
        => Assert.Empty(Directory.GetDirectories(Corpora).Select(Path.GetFileName).Except(FuzzTarget.All.Keys));

    private static IEnumerable<string> Files(string name)
    {
        string folder = Path.Combine(Corpora, name);
        return Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal) : [];
    }
}

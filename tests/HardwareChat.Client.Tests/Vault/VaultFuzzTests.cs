using HardwareChat.Wire;

namespace HardwareChat.Client.Tests;

/// <summary>The vault's decoders over their corpora and mutations of them.</summary>
public static class VaultFuzzTests
{
    private const int Mutations = 4000;
    private const int Seed = 20261123;

    private delegate void Entry(ReadOnlySpan<byte> data);

    [Theory]
    [InlineData("BackupHeader")]
    [InlineData("KeyWrapping")]
    [InlineData("RowForms")]
    [InlineData("VaultHeader")]
    public static void Bytes_are_a_value_or_a_decode_exception(string target)
    {
        Entry entry = target switch
        {
            "BackupHeader" => BackupHeader.Fuzz,
            "KeyWrapping" => KeyWrapping.Fuzz,
            "RowForms" => RowForms.Fuzz,
            _ => VaultHeader.Fuzz,
        };
        byte[][] corpus = [.. Directory.GetFiles(VaultCorpus.FolderOf("Client." + target)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        Assert.NotEmpty(corpus);
        foreach (byte[] input in corpus)
            entry(input);
        var random = new Random(Seed);
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] input = [.. corpus[random.Next(corpus.Length)]];
            for (int hits = random.Next(1, 5); hits > 0; hits--)
                input[random.Next(input.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                input = input[..random.Next(input.Length)];
            try
            {
                entry(input);
            }
            catch (DecodeException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, Mutations);
    }
}

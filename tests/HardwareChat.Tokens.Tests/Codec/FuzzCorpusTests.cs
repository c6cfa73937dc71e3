using CsCheck;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Tests.Codec;

/// <summary>The fuzz entries over a small corpus and over what chance makes of it.</summary>
public static class FuzzCorpusTests
{
    private static readonly string[] Corpus =
    [
        "", "00", "9000", "61FF", "6C", "00A4040005A000000308", "00CB3FFF00000005", "00CB3FFF0000055C035FC1050000", "7C0A82083006020101020102", "7C84FFFFFFFF",
        "7F49438641" + "04", "5FFFFFFFFF00", "5F", "0480", "048100", "53820FFF70", "010111020202020301010402860104", "0E0204000000010401810503050704",
    ];

    [Fact]
    public static void Corpus_is_survived_and_so_are_its_mutations()
    {
        foreach (byte[] seed in Corpus.Select(Convert.FromHexString))
        {
            Run(seed);
            for (int cut = 0; cut < seed.Length; cut++)
                Run(seed.AsSpan(0, cut));
        }

        Gen.Select(Gen.Int[0, Corpus.Length - 1], Gen.Byte.Array[0, 40], Gen.Int[0, 40]).Sample((index, noise, at) =>
        {
            byte[] seed = Convert.FromHexString(Corpus[index]);
            int split = Math.Min(at, seed.Length);
            Run([.. seed[..split], .. noise, .. seed[split..]]);
        });
    }

    private static void Run(ReadOnlySpan<byte> data)
    {
        CommandApdu.Fuzz(data);
        ResponseApdu.Fuzz(data);
        BerTlvReader.Fuzz(data);
        PivPublicKey.Fuzz(data);
    }
}

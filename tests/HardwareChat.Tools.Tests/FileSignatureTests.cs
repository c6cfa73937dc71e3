using System.Security.Cryptography;
using System.Text;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Tools.Tests;

/// <summary>docs/OPERATIONS.md, "File signatures": the codec, and what a signature covers.</summary>
public static class FileSignatureTests
{
    [Fact]
    public static void Pem_text_reads_back_as_what_was_written()
    {
        FileSignature signature = Sample();
        FileSignature again = FileSignature.FromPem(signature.ToPem());
        Assert.Equal(TlsWriter.Encode(signature), TlsWriter.Encode(again));
        Assert.True(again.IsGenuine());
    }

    [Fact]
    public static void Every_changed_byte_of_statement_or_signature_is_noticed()
    {
        FileSignature signature = Sample();
        byte[] encoded = TlsWriter.Encode(signature with { Attestation = [] });
        int covered = encoded.Length - 1; // the last byte counts the certificates, which prove themselves
        for (int at = 0; at < covered; at++)
        {
            byte[] changed = [.. encoded];
            changed[at] ^= 1;
            Assert.False(IsGenuine(changed), $"byte {at} changed, and nobody noticed");
        }
        Assert.True(IsGenuine(encoded));
    }

    [Fact]
    public static void Label_is_part_of_what_is_signed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        FileSignature bare = Sample(key, (label, bytes) => bytes);
        FileSignature other = Sample(key, (label, bytes) => Labelled.Bytes(Labels.Touch, bytes));
        Assert.False(bare.IsGenuine());
        Assert.False(other.IsGenuine());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN HARDWARECHAT FILE SIGNATURE-----\n-----END HARDWARECHAT FILE SIGNATURE-----")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAEB\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN HARDWARECHAT FILE SIGNATURE-----\nAAE=\n-----END HARDWARECHAT FILE SIGNATURE-----")]
    [InlineData("-----BEGIN HARDWARECHAT FILE SIGNATURE-----\nAAI=\n-----END HARDWARECHAT FILE SIGNATURE-----")]
    [InlineData("-----BEGIN HARDWARECHAT FILE SIGNATURE-----\n!!!!\n-----END HARDWARECHAT FILE SIGNATURE-----")]
    public static void Text_that_is_no_signature_is_refused(string text)
        => Assert.Throws<DecodeException>(() => FileSignature.FromPem(text));

    [Fact]
    public static void Text_around_the_block_is_refused()
    {
        string pem = Sample().ToPem();
        Assert.Throws<DecodeException>(() => FileSignature.FromPem("It is signed by carol.\n" + pem));
        Assert.Throws<DecodeException>(() => FileSignature.FromPem(pem + pem));
    }

    [Fact]
    public static void Too_many_certificates_are_refused()
    {
        FileSignature five = Sample() with { Attestation = [[1], [2], [3], [4], [5]] };
        Assert.Throws<DecodeException>(() => FileSignature.FromPem(five.ToPem()));
    }

    [Fact]
    public static void Fuzz_corpus_ends_in_a_signature_or_a_decode_exception()
    {
        byte[] good = Encoding.ASCII.GetBytes(Sample().ToPem());
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 2_000; i++)
        {
            byte[] input = [.. good];
            for (int edits = random.Next(1, 4); edits > 0; edits--)
                input[random.Next(input.Length)] = (byte)random.Next(256);
            try
            {
                FileSignature.Fuzz(i % 5 == 0 ? input.AsSpan(0, random.Next(input.Length)) : input);
            }
            catch (DecodeException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1, 1_999);
        FileSignature.Fuzz(good);
    }

    private static bool IsGenuine(byte[] encoded)
    {
        try
        {
            var reader = new TlsReader(encoded);
            FileSignature signature = FileSignature.Read(ref reader);
            reader.ThrowIfNotEmpty();
            return signature.IsGenuine();
        }
        catch (DecodeException)
        {
            return false;
        }
    }

    private static FileSignature Sample()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Sample(key, (label, bytes) => Labelled.Bytes(label, bytes));
    }

    private delegate byte[] WhatIsSigned(ReadOnlySpan<byte> label, byte[] bytes);

    private static FileSignature Sample(ECDsa key, WhatIsSigned labelled)
    {
        var statement = new FileStatement(
            VerifyingKey.FromSpki(key.ExportSubjectPublicKeyInfo()), 1_700_000_000, 5, Digest.Of("hello"u8));
        byte[] signature = key.SignData(labelled(Labels.File, TlsWriter.Encode(statement)), HashAlgorithmName.SHA256);
        return new FileSignature(statement, EcdsaSignature.Normalise(SignatureScheme.EcdsaSecp256r1Sha256, signature), [[1, 2, 3], [4]]);
    }
}

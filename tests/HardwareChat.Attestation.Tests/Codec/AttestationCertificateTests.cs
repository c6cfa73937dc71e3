using CsCheck;
using HardwareChat.Wire;

namespace HardwareChat.Attestation.Tests.Codec;

public static class AttestationCertificateTests
{
    private static readonly byte[] Slot = new TestChain().CreateSlot();

    [Fact]
    public static void Trailing_byte_is_refused()
        => Assert.Throws<DecodeException>(() => AttestationCertificate.Parse((byte[])[.. Slot, 0]));

    [Fact]
    public static void Every_truncation_is_refused()
    {
        for (int length = 0; length < Slot.Length; length++)
        {
            byte[] cut = Slot[..length];
            Assert.Throws<DecodeException>(() => AttestationCertificate.Parse(cut));
        }
    }

    [Fact]
    public static void Certificate_beyond_the_limit_is_refused_unread()
        => Assert.Throws<DecodeException>(() => AttestationCertificate.Parse(new byte[AttestationCertificate.MaxSize + 1]));

    public static TheoryData<string, string> MalformedExtensions => new()
    {
        { "3", "0507" }, // firmware of two bytes
        { "3", "05070100" },
        { "7", "05070100" }, // no INTEGER
        { "7", "0201FF" }, // negative
        { "7", "02050100000000" }, // above 32 bits
        { "7", "02010100" }, // a byte behind it
        { "8", "02" },
        { "8", "020200" },
        { "8", "0002" }, // "default" is no policy of an existing key
        { "8", "0202"[..2] + "09" },
        { "8", "FF02" },
        { "9", "" },
        { "9", "0303" },
    };

    [Theory]
    [MemberData(nameof(MalformedExtensions))]
    public static void Malformed_extension_is_refused(string oid, string value)
    {
        var chain = new TestChain { Firmware = null, Serial = null, Policy = null, FormFactor = null };
        chain.MoreSlotExtensions.Add(TestChain.Extension("1.3.6.1.4.1.41482.3." + oid, Convert.FromHexString(value)));
        byte[] slot = chain.CreateSlot();
        Assert.Throws<DecodeException>(() => AttestationCertificate.Parse(slot));
        Assert.Equal(AttestationRefusal.Malformed, TestChain.Verify([slot, chain.CreateF9()], chain.Anchors()).Refusal);
    }

    [Fact]
    public static void Repeated_extension_is_refused()
    {
        byte[] slot = Slot.ToArray();

        // .9 (form factor) becomes a second .8 (policy).
        byte[] formFactor = Convert.FromHexString("060A2B0601040182C40A0309");
        slot[slot.AsSpan().IndexOf(formFactor) + formFactor.Length - 1] = 8;
        DecodeException refusal = Assert.Throws<DecodeException>(() => AttestationCertificate.Parse(slot));
        Assert.Contains("twice", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Fips_and_cspn_are_read()
    {
        var chain = new TestChain();
        chain.MoreSlotExtensions.Add(TestChain.Extension("1.3.6.1.4.1.41482.3.10", [1]));
        chain.MoreSlotExtensions.Add(TestChain.Extension("1.3.6.1.4.1.41482.3.11", [1]));
        AttestationExtensions statement = AttestationCertificate.Parse(chain.CreateSlot()).Attestation;
        Assert.True(statement.IsFips);
        Assert.True(statement.IsCspn);
    }

    [Fact]
    public static void Shape_that_came_later_is_unknown()
        => Assert.Equal(FormFactor.Unknown, AttestationCertificate.Parse(new TestChain { FormFactor = [0x8E] }.CreateSlot()).Attestation.FormFactor);

    [Fact]
    public static void Any_bytes_end_in_a_certificate_or_a_decode_exception()
    {
        Gen.Byte.Array[0, 300].Sample(bytes => AttestationCertificate.Fuzz(bytes), iter: 2000);

        // Near misses reach further than noise: every byte of a certificate replaced in turn.
        Gen.Select(Gen.Int[0, Slot.Length - 1], Gen.Byte).Sample(
            (at, value) =>
            {
                byte[] mutated = Slot.ToArray();
                mutated[at] = value;
                AttestationCertificate.Fuzz(mutated);
            },
            iter: 3000);
    }
}

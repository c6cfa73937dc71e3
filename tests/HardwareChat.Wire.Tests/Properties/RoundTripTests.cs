using CsCheck;

namespace HardwareChat.Wire.Tests.Properties;

public static class RoundTripTests
{
    // A structure with each construct of the language, two levels deep.
    private sealed record Sample(byte A, ushort B, uint C, ulong D, byte[] Fixed, byte[] Opaque, byte[]? Optional, Sample[] Children) : ITlsSerializable
    {
        public const int FixedSize = 5;

        public void WriteTo(ref TlsWriter writer)
        {
            writer.WriteUInt8(A);
            writer.WriteUInt16(B);
            writer.WriteUInt32(C);
            writer.WriteUInt64(D);
            writer.WriteFixed(Fixed);
            writer.WriteOpaque(Opaque);
            writer.WriteOptional(Optional is not null);
            if (Optional is not null)
                writer.WriteOpaque(Optional);
            writer.WriteVector<Sample>(Children);
        }

        public static Sample Read(ref TlsReader reader)
        {
            byte a = reader.ReadUInt8();
            ushort b = reader.ReadUInt16();
            uint c = reader.ReadUInt32();
            ulong d = reader.ReadUInt64();
            byte[] fixedBytes = reader.ReadFixed(FixedSize).ToArray();
            byte[] opaque = reader.ReadOpaque(1 << 20).ToArray();
            byte[]? optional = reader.ReadOptional() ? reader.ReadOpaque(1 << 20).ToArray() : null;
            TlsReader nested = reader.ReadVector(1 << 24);
            var children = new List<Sample>();
            while (!nested.IsEmpty)
                children.Add(Read(ref nested));
            return new Sample(a, b, c, d, fixedBytes, opaque, optional, [.. children]);
        }
    }

    private static readonly Gen<byte[]> Lengths =
        Gen.OneOf(Gen.Int[0, 70], Gen.Int[62, 66], Gen.Int[16382, 16385]).SelectMany(n => Gen.Byte.Array[n]);

    private static Gen<Sample> Samples(int depth) =>
        from a in Gen.Byte
        from b in Gen.UShort
        from c in Gen.UInt
        from d in Gen.ULong
        from f in Gen.Byte.Array[Sample.FixedSize]
        from o in Lengths
        from has in Gen.Bool
        from p in Gen.Byte.Array[0, 9]
        from children in depth == 0 ? Gen.Const<Sample[]>([]) : Samples(depth - 1).Array[0, 3]
        select new Sample(a, b, c, d, f, o, has ? p : null, children);

    [Fact]
    public static void What_is_written_is_read_back_and_written_the_same()
        => Samples(2).Sample(
            sample =>
            {
                byte[] encoded = TlsWriter.Encode(sample);
                var reader = new TlsReader(encoded);
                Sample decoded = Sample.Read(ref reader);
                return reader.IsEmpty
                    && (decoded.A, decoded.B, decoded.C, decoded.D) == (sample.A, sample.B, sample.C, sample.D)
                    && decoded.Opaque.AsSpan().SequenceEqual(sample.Opaque)
                    && decoded.Children.Length == sample.Children.Length
                    && (decoded.Optional is null) == (sample.Optional is null)
                    && TlsWriter.Encode(decoded).AsSpan().SequenceEqual(encoded);
            },
            iter: 500);

    [Fact]
    public static void Every_truncation_is_refused_with_an_offset_inside_the_input()
        => Samples(1).Sample(
            sample =>
            {
                byte[] encoded = TlsWriter.Encode(sample);
                int step = Math.Max(1, encoded.Length / 64);
                for (int length = 0; length < encoded.Length; length += step)
                {
                    byte[] cut = encoded[..length];
                    DecodeException refusal = Assert.Throws<DecodeException>(() =>
                    {
                        var reader = new TlsReader(cut);
                        Sample.Read(ref reader);
                    });
                    Assert.InRange(refusal.Offset, 0, length);
                }
            },
            iter: 50);

    [Fact]
    public static void What_decodes_from_any_bytes_encodes_to_those_bytes()
        => Gen.Byte.Array[0, 200].Sample(
            bytes =>
            {
                var reader = new TlsReader(bytes);
                Sample decoded;
                try
                {
                    decoded = Sample.Read(ref reader);
                }
                catch (DecodeException)
                {
                    return true;
                }

                return TlsWriter.Encode(decoded).AsSpan().SequenceEqual(reader.Since(0));
            },
            iter: 20_000);
}

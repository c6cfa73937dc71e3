using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class Deserialization : VectorKind
{
    public override string Name => "deserialization";

    protected override string[] Members => ["vlbytes_header", "length"];

    public override void Run(JsonElement test)
    {
        byte[] header = test.Hex("vlbytes_header");
        int length = (int)test.UInt32("length");
        // The reader wants the whole vector, up to 2^30 bytes of it; pages that nobody touches take no memory.
        byte[] vector = GC.AllocateUninitializedArray<byte>(header.Length + length);
        header.CopyTo(vector, 0);
        var reader = new TlsReader(vector);
        Check.Equal(length, reader.ReadLength(VectorLength.Max), "length");
        Check.Equal(header.Length, reader.Position, "the header's size");
        using var own = new TlsBuffer();
        new TlsWriter(own).WriteLength(length);
        Check.Bytes(header, own.WrittenSpan, "our own header");
    }
}

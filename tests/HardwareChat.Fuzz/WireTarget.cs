using HardwareChat.Wire;

namespace HardwareChat.Fuzz;

/// <summary>The reader of the presentation language has no structure of its own, so the input says what to read: an operation, then its bytes.</summary>
internal static class WireTarget
{
    private const int Limit = 1 << 12;

    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        try
        {
            Read(new TlsReader(data), depth: 0);
        }
        catch (DecodeException refusal) when (refusal.Offset >= 0 && refusal.Offset <= data.Length)
        {
            // The one refusal that malformed bytes may meet, with a place inside the input.
        }
    }

    private static void Read(TlsReader reader, int depth)
    {
        while (!reader.IsEmpty)
        {
            switch (reader.ReadUInt8() & 7)
            {
                case 0:
                    reader.ReadUInt16();
                    break;
                case 1:
                    reader.ReadUInt32();
                    break;
                case 2:
                    reader.ReadUInt64();
                    break;
                case 3:
                    reader.ReadFixed(reader.ReadUInt8());
                    break;
                case 4:
                    reader.ReadOptional();
                    break;
                case 5 when depth < 8:
                    Read(reader.ReadVector(Limit), depth + 1);
                    break;
                default:
                    reader.ReadOpaque(Limit);
                    break;
            }
        }

        reader.ThrowIfNotEmpty();
    }
}

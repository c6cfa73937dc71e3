using System.Runtime.CompilerServices;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>An enumeration of one byte; a value without a name is refused.</summary>
internal static class EnumField
{
    public static T Read<T>(ref TlsReader reader)
        where T : struct, Enum
    {
        byte value = reader.ReadUInt8();
        T read = Unsafe.BitCast<byte, T>(value);
        return Enum.IsDefined(read) ? read : throw reader.Malformed($"no such {typeof(T).Name}");
    }
}

using System.Security.Cryptography;
using HardwareChat.Tokens.Apdu;

namespace HardwareChat.Tokens.Simulator;

/// <summary>Puts the parts of a chained command together, up to what the card's memory takes.</summary>
// ISO/IEC 7816-4 §5.3.3: all parts but the last carry the bit 0x10 in the class; header bytes else stay the same.
internal sealed class CommandAssembly
{
    /// <summary>The most data that a command may have: an object of the largest size, with its tags.</summary>
    public const int LargestCommand = 4096;

    private readonly byte[] _data = GC.AllocateArray<byte>(LargestCommand, pinned: true);
    private int _length;
    private (byte Ins, byte P1, byte P2)? _pending;

    public ReadOnlySpan<byte> Data => _data.AsSpan(0, _length);

    /// <summary>Takes one part; false if the whole would be too long, and then all of it is dropped.</summary>
    public bool TryAdd(in CommandApdu part)
    {
        if (_pending != (part.Ins, part.P1, part.P2))
            Clear();
        if (part.Data.Length > LargestCommand - _length)
        {
            Clear();
            return false;
        }
        _pending = (part.Ins, part.P1, part.P2);
        part.Data.CopyTo(_data.AsSpan(_length));
        _length += part.Data.Length;
        return true;
    }

    /// <summary>Drops and zeroes what has come: it may be a PIN or a key.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_data.AsSpan(0, _length));
        _length = 0;
        _pending = null;
    }
}

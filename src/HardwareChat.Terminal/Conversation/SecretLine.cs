using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Tokens;

namespace HardwareChat.Terminal.Conversation;

/// <summary>A secret that a person types: a PIN or a pass phrase. Never a string; zeroed when disposed.</summary>
internal sealed class SecretLine : IDisposable
{
    /// <summary>Characters at most.</summary>
    public const int Room = 512;

    private readonly char[] _characters = GC.AllocateArray<char>(Room, pinned: true);

    /// <summary>Characters typed.</summary>
    public int Length { get; private set; }

    /// <summary>What was typed, in memory that is zeroed on disposal.</summary>
    public ReadOnlyMemory<char> Memory => _characters.AsMemory(0, Length);

    /// <summary>The next line of an open file descriptor; null if there is none.</summary>
    public static SecretLine? Of(int descriptor)
    {
        var line = new SecretLine();
        using var stream = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        for (int c; (c = stream.ReadByte()) is not -1 and not '\n';)
            line.Append([(char)c]);
        return line.Length > 0 ? line : null;
    }

    /// <summary>Adds what was typed; what does not fit is left out.</summary>
    public void Append(ReadOnlySpan<char> typed)
    {
        foreach (char c in typed)
        {
            if (!char.IsControl(c) && Length < Room)
                _characters[Length++] = c;
        }
    }

    /// <summary>Takes the last character away.</summary>
    public void Backspace()
    {
        if (Length > 0)
            _characters[--Length] = '\0';
    }

    /// <summary>The PIN that it is; null if no card could have it.</summary>
    public Pin? ToPin()
    {
        Span<byte> bytes = stackalloc byte[Pin.MaxLength];
        try
        {
            return Encoding.UTF8.TryGetBytes(Memory.Span, bytes, out int length) && Pin.TryCreate(bytes[..length], out Pin? pin) ? pin : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_characters.AsSpan()));
        Length = 0;
    }
}

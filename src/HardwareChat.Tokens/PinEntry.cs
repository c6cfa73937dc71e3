using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace HardwareChat.Tokens;

/// <summary>Where a PIN comes from: a terminal without echo, a file descriptor, or an environment variable.</summary>
public static class PinEntry
{
    private const int Room = 64;

    /// <summary>Reads keys up to Enter, echoing nothing. The caller has written the prompt.</summary>
    /// <param name="readKey">Gives the next key without echo: <c>() => Console.ReadKey(intercept: true)</c>.</param>
    /// <returns><see langword="null"/> if no card could have such a PIN: too short, too long.</returns>
    /// <exception cref="OperationCanceledException">The person pressed Escape.</exception>
    public static Pin? FromTerminal(Func<ConsoleKeyInfo> readKey)
    {
        ArgumentNullException.ThrowIfNull(readKey);
        Span<char> typed = stackalloc char[Room];
        int length = 0;
        try
        {
            while (true)
            {
                ConsoleKeyInfo key = readKey();
                if (key.Key == ConsoleKey.Enter)
                    return FromCharacters(typed[..Math.Min(length, Room)]);
                if (key.Key == ConsoleKey.Escape)
                    throw new OperationCanceledException("No PIN was given.");
                if (key.Key == ConsoleKey.Backspace)
                    length = Math.Max(0, length - 1);
                else if (!char.IsControl(key.KeyChar) && length < Room)
                    typed[length++] = key.KeyChar;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(typed));
        }
    }

    /// <summary>Reads the first line of an open file descriptor, which stays open.</summary>
    /// <returns><see langword="null"/> if no card could have such a PIN.</returns>
    /// <exception cref="IOException">The descriptor cannot be read.</exception>
    public static Pin? FromDescriptor(int descriptor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(descriptor);
        try
        {
            using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
            using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            return FromStream(stream);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or ArgumentException)
        {
            // What the runtime makes of "bad file descriptor", and of one that is open for writing alone.
            throw new IOException($"File descriptor {descriptor} cannot be read.", error);
        }
    }

    /// <summary>Reads the first line of a stream.</summary>
    /// <returns><see langword="null"/> if no card could have such a PIN.</returns>
    public static Pin? FromStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] line = GC.AllocateArray<byte>(Room, pinned: true);
        try
        {
            // Byte by byte: what follows the line is not ours to take.
            int length = 0;
            while (length < Room && stream.Read(line, length, 1) == 1 && line[length] != (byte)'\n')
                length++;
            if (length > 0 && line[length - 1] == (byte)'\r')
                length--;
            return Pin.TryCreate(line.AsSpan(0, length), out Pin? pin) ? pin : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(line);
        }
    }

    /// <summary>Reads an environment variable, and warns: other programs of this user can read it too, and the runtime has made a string of it.</summary>
    /// <param name="variable">Its name.</param>
    /// <param name="warn">Is given the warning; not optional.</param>
    /// <returns><see langword="null"/> if it is not set, or no card could have such a PIN.</returns>
    public static Pin? FromEnvironment(string variable, Action<string> warn)
    {
        ArgumentNullException.ThrowIfNull(warn);
        string? value = Environment.GetEnvironmentVariable(variable);
        if (value is null)
            return null;
        warn($"The PIN is taken from the environment variable {variable}, which other programs of this user can read. Prefer a file descriptor.");
        return FromCharacters(value);
    }

    private static Pin? FromCharacters(ReadOnlySpan<char> characters)
    {
        Span<byte> bytes = stackalloc byte[Room];
        try
        {
            return Encoding.UTF8.TryGetBytes(characters, bytes, out int length) && Pin.TryCreate(bytes[..length], out Pin? pin) ? pin : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}

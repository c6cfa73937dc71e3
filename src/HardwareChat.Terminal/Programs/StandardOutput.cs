using System.Runtime.InteropServices;

namespace HardwareChat.Terminal.Programs;

/// <summary>Whoever read the output has gone.</summary>
internal sealed class OutputClosedException() : IOException("whoever read the output has gone");

// .NET's own console stream takes a closed pipe for written, so that a program would write to nobody for ever.

/// <summary>Standard output, for programs: whole lines, and a closed pipe is known.</summary>
internal static partial class StandardOutput
{
    private const int Descriptor = 1;
    private const int Interrupted = 4;
    private const int Again = 11;
    private const int AgainOfMacOS = 35;
    private const int BrokenPipe = 32;
    private const short Writable = 4;
    private const short Error = 8;

    /// <summary>Writes bytes, all of them.</summary>
    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    /// <exception cref="IOException">The disk is full, or failed.</exception>
    public static void Write(ReadOnlySpan<byte> bytes)
    {
        if (OperatingSystem.IsWindows())
        {
            using Stream stream = Console.OpenStandardOutput();
            stream.Write(bytes);
            return;
        }
        while (!bytes.IsEmpty)
        {
            nint written = Write(Descriptor, bytes, bytes.Length);
            if (written >= 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == BrokenPipe)
                throw new OutputClosedException();
            if (error is Again or AgainOfMacOS)
                Wait(Writable, Timeout.Infinite);
            else if (error != Interrupted)
                throw new IOException($"the output cannot be written: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    /// <summary>Whether whoever read a pipe has gone, without writing to it.</summary>
    public static bool IsClosed() => !OperatingSystem.IsWindows() && (Wait(0, 0) & Error) != 0;

    private static short Wait(short events, int milliseconds)
    {
        var polled = new Polled { Descriptor = Descriptor, Events = events };
        Poll(ref polled, 1, milliseconds);
        return polled.Happened;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Polled
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref Polled polled, nint count, int milliseconds);
}

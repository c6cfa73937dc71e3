using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace HardwareChat.Tools;

// The platform library switches echo off for each read and on again after it, so that what is typed between two reads is
// shown. A PIN must not be: here the terminal is silent from before the prompt until after the answer. POSIX termios(3).

/// <summary>What the person at the terminal types: lines that are not shown, lines that are, and single keys.</summary>
internal static partial class TerminalInput
{
    private const int StandardInput = 0;
    private const int ApplyNow = 0;
    private const short Readable = 1;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // struct termios: four flag words, of 4 bytes on Linux and of 8 on macOS and the BSDs; the fourth is c_lflag.
    private const int TermiosSize = 128;
    private static readonly int LocalFlagsOffset = OperatingSystem.IsLinux() ? 12 : 24;
    private static readonly int FlagsSize = OperatingSystem.IsLinux() ? 4 : 8;
    private const uint Echo = 0x8;
    private static readonly int StopSignal = OperatingSystem.IsLinux() ? 19 : 17;
    private static readonly uint Canonical = OperatingSystem.IsLinux() ? 0x2u : 0x100u;

    /// <summary>Reads a line that is not shown.</summary>
    /// <exception cref="OperationCanceledException">Ctrl-C.</exception>
    /// <exception cref="FailureException">The input ended, or the line is longer than any secret.</exception>
    public static Task<SecretLine> ReadHiddenLineAsync(CancellationToken cancellation)
        => OperatingSystem.IsWindows() ? ReadConsoleLineAsync(cancellation) : ReadLineAsync(Echo, cancellation);

    /// <summary>Reads a line that is shown as it is typed.</summary>
    /// <exception cref="OperationCanceledException">Ctrl-C.</exception>
    /// <exception cref="FailureException">The input ended.</exception>
    public static async Task<string> ReadShownLineAsync(CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
            return await Task.Run(Console.ReadLine, cancellation).WaitAsync(cancellation) ?? throw InputEnded();
        using SecretLine line = await ReadLineAsync(0, cancellation);
        return System.Text.Encoding.UTF8.GetString(line.Span);
    }

    /// <summary>Passes each key to <paramref name="pressed"/>, without showing it, until cancelled or until it says that it wants no more.</summary>
    public static async Task WatchKeysAsync(Func<char, bool> pressed, CancellationToken cancellation)
    {
        using SilentTerminal? silence = OperatingSystem.IsWindows() ? null : SilentTerminal.Enter(Echo | Canonical);
        while (!cancellation.IsCancellationRequested)
        {
            if (OperatingSystem.IsWindows() ? Console.KeyAvailable : IsReadable())
            {
                char key = OperatingSystem.IsWindows() ? Console.ReadKey(intercept: true).KeyChar : (char)ReadByte();
                if (!pressed(key))
                    return;
                continue;
            }
            if (!OperatingSystem.IsWindows())
                silence?.Hold();
            await Task.Delay(Pause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Puts the terminal back as it was found; for an end that unwinds nothing.</summary>
    public static void Restore()
    {
        if (!OperatingSystem.IsWindows())
            SilentTerminal.RestoreCurrent();
    }

    [UnsupportedOSPlatform("windows")]
    private static async Task<SecretLine> ReadLineAsync(uint flagsOff, CancellationToken cancellation)
    {
        using SilentTerminal silence = SilentTerminal.Enter(flagsOff);
        var line = new SecretLine();
        try
        {
            bool fits = true;
            while (true)
            {
                while (!IsReadable())
                {
                    silence.Hold();
                    await Task.Delay(Pause, cancellation);
                }
                int next = ReadByte();
                if (next == '\n')
                    break;
                fits &= line.TryAppend((byte)next);
            }
            if (flagsOff != 0)
                Screen.Write("\n");
            return fits ? line : throw new FailureException(
                ExitCode.Input, "input-too-long", $"what was typed is longer than {SecretLine.Longest} characters; the token was not asked.");
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    private static async Task<SecretLine> ReadConsoleLineAsync(CancellationToken cancellation)
    {
        var line = new SecretLine();
        try
        {
            bool fits = true;
            while (true)
            {
                while (!Console.KeyAvailable)
                    await Task.Delay(Pause, cancellation);
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                if (key.Key == ConsoleKey.Enter)
                    break;
                if (key.Key == ConsoleKey.Backspace)
                    line.RemoveLast();
                else if (!char.IsControl(key.KeyChar))
                    fits &= char.IsAscii(key.KeyChar) && line.TryAppend((byte)key.KeyChar);
            }
            Screen.Write("\n");
            return fits ? line : throw new FailureException(
                ExitCode.Input, "input-malformed", $"what was typed is longer than {SecretLine.Longest} characters or not ASCII; the token was not asked.");
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    private static bool IsReadable()
    {
        var poll = new PollDescriptor { Descriptor = StandardInput, Events = Readable };
        // A hang-up is readable too: the read then says that the input ended.
        return Poll(ref poll, 1, 0) > 0;
    }

    private static int ReadByte()
    {
        byte next = 0;
        return Read(StandardInput, ref next, 1) == 1 ? next : throw InputEnded();
    }

    private static FailureException InputEnded() => new(ExitCode.Declined, "input-ended", "the input ended before the answer; nothing was done.");

    /// <summary>The terminal with some of its local flags off, until disposed.</summary>
    /// <remarks>Ctrl-Z gives the shell the terminal as it was; when the run goes on, it is silent again before the next key.</remarks>
    [UnsupportedOSPlatform("windows")]
    private sealed class SilentTerminal : IDisposable
    {
        private static SilentTerminal? _current;
        private readonly byte[] _before;
        private readonly byte[] _silent;
        private readonly PosixSignalRegistration _stopped;

        private SilentTerminal(byte[] before, byte[] silent)
        {
            (_before, _silent) = (before, silent);
            // Nothing can be done where this fails: the terminal is gone.
            _stopped = PosixSignalRegistration.Create(PosixSignal.SIGTSTP, context =>
            {
                // A handler of one's own takes the place of the stop, so the stop is asked for.
                context.Cancel = true;
                _ = SetAttributes(StandardInput, ApplyNow, _before);
                _ = Kill(Environment.ProcessId, StopSignal);
            });
        }

        public static SilentTerminal Enter(uint flagsOff)
        {
            var before = new byte[TermiosSize];
            if (GetAttributes(StandardInput, before) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            byte[] silent = [.. before];
            Span<byte> flags = silent.AsSpan(LocalFlagsOffset, sizeof(uint));
            uint now = BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(flags) : BinaryPrimitives.ReadUInt32BigEndian(flags);
            BitConverter.TryWriteBytes(flags, now & ~flagsOff);
            var entered = new SilentTerminal(before, silent);
            _current = entered;
            if (SetAttributes(StandardInput, ApplyNow, silent) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            return entered;
        }

        /// <summary>Makes it silent again where it is not: the shell, and the runtime after a stop, set it as they like.</summary>
        public void Hold()
        {
            var now = new byte[TermiosSize];
            if (GetAttributes(StandardInput, now) == 0 && !now.AsSpan(LocalFlagsOffset, FlagsSize).SequenceEqual(_silent.AsSpan(LocalFlagsOffset, FlagsSize)))
                _ = SetAttributes(StandardInput, ApplyNow, _silent);
        }

        public static void RestoreCurrent() => _current?.Dispose();

        public void Dispose()
        {
            _current = null;
            _stopped.Dispose();
            // Nothing can be done where even this fails: the terminal is gone.
            _ = SetAttributes(StandardInput, ApplyNow, _before);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int GetAttributes(int descriptor, [Out] byte[] termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int SetAttributes(int descriptor, int when, byte[] termios);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, ref byte buffer, nuint count);
}

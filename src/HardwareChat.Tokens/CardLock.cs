using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HardwareChat.Tokens;

/// <summary>A lock between our own processes, one for each card: an empty file in the user's runtime folder, locked while an operation runs.</summary>
/// <remarks>
/// PC/SC keeps programs apart by itself; the lock is there so that ours queue before they ask it, and know by whom they are kept waiting.
/// A process that dies gives its locks back. Beside each lock a second file holds the holder's process number: a locked file cannot be read.
/// </remarks>
public sealed class CardLock
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int HashDigits = 32;

    // What the system says of a file that another process has locked: EAGAIN (Linux, macOS), ERROR_SHARING_VIOLATION.
    private static readonly int[] LockedCodes = [11, 35, unchecked((int)0x80070020)];

    private readonly string _folder;
    private readonly string _path;

    internal CardLock(string folder, string name)
    {
        _folder = folder;
        _path = Path.Combine(folder, name + ".lock");
    }

    /// <summary>The lock of the card in a reader. A reader's name is the reader's own say, so its hash names the file.</summary>
    public static CardLock ForReader(string reader) => new(RuntimeFolder(), "reader-" + Digest(reader));

    /// <summary>The lock of the card with a serial number.</summary>
    public static CardLock ForSerial(uint serial) => new(RuntimeFolder(), "serial-" + Digest(serial.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Takes the lock; disposing gives it back.</summary>
    /// <exception cref="CardChannelException"><see cref="CardFault.Busy"/>: another process has it. <see cref="CardFault.Other"/>: there is no place for locks.</exception>
    public IDisposable Take()
    {
        FileStream file;
        try
        {
            Prepare();
            file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException error) when (LockedCodes.Contains(error.HResult))
        {
            throw new CardHeldException(Holder());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable("it cannot be written", error);
        }

        try
        {
            File.WriteAllText(HolderPath, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            throw Unusable("it cannot be written", error);
        }
    }

    // XDG Base Directory Specification: the user's own, 0700, gone with the session. Root takes its own place whatever the variable
    // says: under sudo it may still name the folder of a user, who could lay traps in it.
    internal static string RuntimeFolder()
    {
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess)
            return "/run/hwchat";
        string? runtime = OperatingSystem.IsLinux() ? Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") : null;
        string place = Path.IsPathFullyQualified(runtime ?? "") && Directory.Exists(runtime)
            ? runtime
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        return Path.Combine(place, "hwchat");
    }

    // Readers and cards are told apart within one smart card service; pcsc-lite's variable points to another one.
    private static string Digest(string name)
    {
        string service = Environment.GetEnvironmentVariable("PCSCLITE_CSOCK_NAME") ?? "";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{service}\0{name}")))[..HashDigits];
    }

    private string HolderPath => Path.ChangeExtension(_path, ".holder");

    private void Prepare()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder);
            return;
        }

        Directory.CreateDirectory(_folder, OwnerOnly);
        if (new DirectoryInfo(_folder).LinkTarget is not null)
            throw Unusable("it is a link", null);

        // One that was there already may be wider; changing it fails unless it is ours.
        if (File.GetUnixFileMode(_folder) != OwnerOnly)
            File.SetUnixFileMode(_folder, OwnerOnly);
    }

    private string? Holder()
    {
        try
        {
            using var reader = new StreamReader(new FileStream(HolderPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return int.TryParse(reader.ReadToEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? CardHolders.Describe(process) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // being written at this moment
        }
    }

    private CardChannelException Unusable(string why, Exception? cause)
        => new(
            CardFault.Other,
            $"The folder for locks between programs, {_folder}, cannot be used: {why}.",
            "Set XDG_RUNTIME_DIR to a folder that is yours alone.",
            innerException: cause);
}

using System.Globalization;

namespace HardwareChat.Client;

// FILE.lock is locked as long as the vault is open, by flock or the platform's like: the kernel lets go of it when the process dies, however it
// dies, so no lock is ever stale. FILE.pid says who holds it; a lock of its own kind would keep others from reading the number in FILE.lock.

/// <summary>The right to be the one process that has a vault open.</summary>
internal sealed class VaultLock : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _holderPath;

    private VaultLock(FileStream held, string holderPath)
    {
        _lock = held;
        _holderPath = holderPath;
    }

    /// <summary>Takes the lock of the vault at <paramref name="path"/>.</summary>
    /// <exception cref="VaultException"><see cref="VaultFault.InUse"/>, with the holder.</exception>
    public static VaultLock Take(string path)
    {
        string holderPath = path + ".pid";
        FileStream held;
        try
        {
            held = OpenOwnerOnly(path + ".lock", FileShare.None);
        }
        catch (IOException error) when (File.Exists(path + ".lock"))
        {
            int? holder = ReadHolder(holderPath);
            string who = holder is int pid ? $"process {pid.ToString(CultureInfo.InvariantCulture)}" : "another process";
            throw new VaultException(VaultFault.InUse, $"The vault {path} is open in {who}; one process at a time may hold it.", error) { HolderProcess = holder };
        }

        using (FileStream holder = OpenOwnerOnly(holderPath, FileShare.ReadWrite))
        {
            holder.SetLength(0);
            holder.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        }

        return new VaultLock(held, holderPath);
    }

    public void Dispose()
    {
        File.Delete(_holderPath);
        _lock.Dispose();
    }

    private static int? ReadHolder(string holderPath)
    {
        try
        {
            string text = File.ReadAllText(holderPath);
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : null;
        }
        catch (IOException)
        {
            // The holder is between taking the lock and writing its number, or letting go of both.
            return null;
        }
    }

    private static FileStream OpenOwnerOnly(string path, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}

namespace HardwareChat.EndToEnd.Tests;

/// <summary>What a vault has on disk at one moment, as a killed process leaves it. Taken only while the engine writes nothing.</summary>
internal sealed class VaultFiles
{
    private readonly string _path;
    private readonly Dictionary<string, byte[]> _files;

    private VaultFiles(string path, Dictionary<string, byte[]> files) => (_path, _files) = (path, files);

    public static VaultFiles Of(string path) => new(path, All(path).ToDictionary(static file => file, Read));

    /// <summary>Puts them where they were, over whatever is there. Nobody has the vault open.</summary>
    public void PutBack()
    {
        foreach (string file in All(_path))
            File.Delete(file);
        foreach ((string file, byte[] bytes) in _files)
            File.WriteAllBytes(file, bytes);
    }

    // Not the memory that the database's processes share, nor the lock: they die with the process.
    private static IEnumerable<string> All(string path)
        => Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*")
            .Where(static file => !file.EndsWith("lock", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal));

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

namespace HardwareChat.Tokens.Simulator.State;

/// <summary>Replaces a file as a whole: written beside it, flushed to disk, renamed over it.</summary>
internal static class AtomicFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // NOT CHECKED: the folder's entry is not flushed, so a loss of power may bring the old file back, whole.
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string beside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(beside, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
    }
}

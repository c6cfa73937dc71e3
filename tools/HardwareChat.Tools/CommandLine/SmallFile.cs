using System.Text;

namespace HardwareChat.Tools;

/// <summary>Files that hold keys, certificates and signatures: read up to a bound, so that no device or huge file fills the memory; and never written over something else.</summary>
internal static class SmallFile
{
    /// <summary>More than any file of roots and intermediates has.</summary>
    public const int LongestPem = 1 << 20;

    private const string CertificateHead = "-----BEGIN CERTIFICATE-----";

    /// <summary>All of the file, as UTF-8.</summary>
    /// <exception cref="FailureException">It is longer than <paramref name="longest"/> bytes.</exception>
    public static async Task<string> ReadAsync(FileInfo file, int longest, CancellationToken cancellation)
    {
        await using FileStream stream = file.OpenRead();
        byte[] bytes = new byte[longest + 1];
        int length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return length <= longest
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new FailureException(ExitCode.Input, "malformed", $"{PrintableText.Of(file.Name)} is longer than {longest} bytes: it is not what is wanted here.");
    }

    /// <summary>Writes certificates to the file; one that is there is replaced only if it holds certificates too.</summary>
    /// <exception cref="FailureException">It holds something else.</exception>
    public static async Task WriteCertificatesAsync(string path, string pem, CancellationToken cancellation)
    {
        if (File.Exists(path))
        {
            byte[] head = new byte[CertificateHead.Length];
            await using FileStream stream = File.OpenRead(path);
            int length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation);
            if (length > 0 && Encoding.UTF8.GetString(head, 0, length) != CertificateHead)
            {
                throw new FailureException(
                    ExitCode.Input, "already-there", $"{PrintableText.Of(Path.GetFileName(path))} is there and holds no certificates; it is left as it is.", "name another file, or delete that one first");
            }
        }
        await File.WriteAllTextAsync(path, pem, cancellation);
    }
}

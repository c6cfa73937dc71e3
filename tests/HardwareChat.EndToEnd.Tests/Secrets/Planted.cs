using System.Security.Cryptography;
using System.Text;

namespace HardwareChat.EndToEnd.Tests.Secrets;

/// <summary>A secret that was planted, and the forms in which it may lie about.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Forms">Bytes to look for.</param>
internal sealed record Planted(string Name, IReadOnlyList<byte[]> Forms)
{
    public static Planted Text(string name, string text) => new(name, [Encoding.UTF8.GetBytes(text), Encoding.Unicode.GetBytes(text)]);

    public static Planted Bytes(string name, ReadOnlySpan<byte> bytes) => new(name, [bytes.ToArray()]);

    /// <summary>Where it is in some bytes: how often.</summary>
    public int CountIn(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        foreach (byte[] form in Forms)
        {
            ReadOnlySpan<byte> rest = bytes;
            for (int at; (at = rest.IndexOf(form)) >= 0; rest = rest[(at + form.Length)..])
                count++;
        }

        return count;
    }

    /// <summary>Random letters: a text that no other memory holds.</summary>
    public static string RandomText(int length) => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz", length);
}

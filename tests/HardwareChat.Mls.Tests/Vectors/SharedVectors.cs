using System.Runtime.CompilerServices;
using System.Text.Json;

namespace HardwareChat.Mls.Tests.Vectors;

/// <summary>The working group's vectors, which lie beside the repository or where HARDWARECHAT_SHARED says.</summary>
internal static class SharedVectors
{
    private static readonly string[] Folders = ["main", "nist"];

    /// <summary>Every case of a kind, from every folder; skips the test if there is none.</summary>
    public static IReadOnlyList<JsonElement> Of(string kind, [CallerFilePath] string thisFile = "")
    {
        string shared = Environment.GetEnvironmentVariable("HARDWARECHAT_SHARED")
            ?? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../../shared"));
        var cases = new List<JsonElement>();
        foreach (string folder in Folders)
        {
            string file = Path.Combine(shared, "mls-vectors", folder, kind + ".json");
            if (File.Exists(file))
                cases.AddRange(JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.EnumerateArray());
        }

        if (cases.Count == 0)
            Assert.Skip($"no {kind} vectors under {shared}/mls-vectors");
        return cases;
    }

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    public static ReadOnlySpan<byte> Utf8(this JsonElement element, string name)
        => System.Text.Encoding.UTF8.GetBytes(element.GetProperty(name).GetString()!);

    public static uint UInt32(this JsonElement element, string name) => element.GetProperty(name).GetUInt32();

    public static CipherSuite Suite(this JsonElement element)
    {
        var id = new CipherSuiteId(element.GetProperty("cipher_suite").GetUInt16());
        Assert.True(CipherSuite.TryGet(id, out CipherSuite? suite), $"{id} is missing");
        return suite;
    }
}

using System.Text;
using System.Text.Json;

namespace HardwareChat.Mls.Vectors;

/// <summary>Reads the members of a case. Byte strings are hex, optional ones may be null.</summary>
internal static class JsonCase
{
    public static byte[] Hex(this JsonElement test) => Convert.FromHexString(test.GetString()!);

    public static byte[] Hex(this JsonElement test, string name) => test.GetProperty(name).Hex();

    public static byte[]? OptionalHex(this JsonElement test, string name)
        => test.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.Hex() : null;

    public static Secret Secret(this JsonElement test, string name) => Mls.Secret.CopyOf(test.Hex(name));

    public static byte[] Utf8(this JsonElement test, string name) => Encoding.UTF8.GetBytes(test.GetProperty(name).GetString()!);

    public static uint UInt32(this JsonElement test, string name) => test.GetProperty(name).GetUInt32();

    public static ulong UInt64(this JsonElement test, string name) => test.GetProperty(name).GetUInt64();

    public static JsonElement.ArrayEnumerator Array(this JsonElement test, string name) => test.GetProperty(name).EnumerateArray();

    // Some generators of vectors leave out the leading zeros of a scalar; the suites' private keys are as long as a coordinate (RFC 9180 §7.1.2).

    /// <summary>A private key of the suite, for signatures or for HPKE: both are equally long in every suite that the library has.</summary>
    public static byte[] PrivateKey(this JsonElement test, string name, CipherSuite suite)
    {
        byte[] key = test.Hex(name);
        int length = suite.Id.Value switch { 5 => 66, 7 => 48, _ => 32 };
        return key.Length >= length ? key : [.. new byte[length - key.Length], .. key];
    }

    public static CipherSuite Suite(this JsonElement test)
        => CipherSuite.TryGet(new CipherSuiteId(test.GetProperty("cipher_suite").GetUInt16()), out CipherSuite? suite)
            ? suite
            : throw new VectorException("the library does not have the suite");

    /// <summary>The case's suite if the library does not have it.</summary>
    public static CipherSuiteId? MissingSuite(this JsonElement test)
    {
        if (!test.TryGetProperty("cipher_suite", out JsonElement value))
            return null;
        var id = new CipherSuiteId(value.GetUInt16());
        return CipherSuite.TryGet(id, out _) ? null : id;
    }
}

using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class PskSecrets : VectorKind
{
    public override string Name => "psk_secret";

    protected override string[] Members => ["psks", "psk_secret"];

    public override void Run(JsonElement test)
    {
        CipherSuite suite = test.Suite();
        (ReadOnlyMemory<byte> Id, Secret Psk)[] psks =
            [.. test.Array("psks").Select(psk => ((ReadOnlyMemory<byte>)Encode(psk), psk.Secret("psk")))];
        using Secret pskSecret = PskSecret.Derive(suite, psks);
        Check.Bytes(test.Hex("psk_secret"), pskSecret.Span, "psk_secret");
        foreach ((_, Secret psk) in psks)
            psk.Dispose();
    }

    private static byte[] Encode(JsonElement psk) => TlsWriter.Encode(PreSharedKeyId.External(psk.Hex("psk_id"), psk.Hex("psk_nonce")));
}

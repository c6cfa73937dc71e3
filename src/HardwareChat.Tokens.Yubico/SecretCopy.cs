using System.Security.Cryptography;

namespace HardwareChat.Tokens.Yubico;

/// <summary>Secret bytes in the form in which the SDK takes them, zeroed when disposed.</summary>
/// <remarks>What the SDK copies them into, it does not zero: with this driver a PIN can stay in memory until the collector takes the place for something else.</remarks>
internal sealed class SecretCopy : IDisposable
{
    private readonly byte[] _bytes;

    public SecretCopy(ReadOnlySpan<byte> secret)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_bytes);
    }

    public static implicit operator ReadOnlyMemory<byte>(SecretCopy copy) => copy._bytes;

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}

using System.Security.Cryptography;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Simulator.Keys;

/// <summary>Makes keys: new ones, those of an IMPORT command, and those of a state file.</summary>
internal static class KeyMaterials
{
    /// <summary>A new key, or <see langword="null"/> for an algorithm that has no key pairs.</summary>
    public static KeyMaterial? Generate(PivAlgorithm algorithm) => algorithm switch
    {
        PivAlgorithm.EccP256 or PivAlgorithm.EccP384 => EllipticCurveKey.Generate(algorithm),
        PivAlgorithm.Rsa2048 => Rsa2048Key.Generate(),
        PivAlgorithm.Ed25519 => Ed25519Key.Generate(),
        PivAlgorithm.X25519 => X25519Key.Generate(),
        _ => null,
    };

    /// <summary>The key of the elements of an IMPORT command, or <see langword="null"/> if they make none.</summary>
    /// <remarks>Tags: 01 and 02 the RSA primes (03 to 05 follow from them), 06 scalar, 07 Ed25519 seed, 08 X25519 key.</remarks>
    /// <exception cref="DecodeException">The elements are no BER-TLV.</exception>
    public static KeyMaterial? Import(PivAlgorithm algorithm, ReadOnlySpan<byte> elements) => algorithm switch
    {
        PivAlgorithm.EccP256 or PivAlgorithm.EccP384 => EllipticCurveKey.Import(algorithm, Element(elements, 0x06)),
        PivAlgorithm.Rsa2048 => Rsa2048Key.Import(Element(elements, 0x01), Element(elements, 0x02)),
        PivAlgorithm.Ed25519 => Ed25519Key.Import(Element(elements, 0x07)),
        PivAlgorithm.X25519 => X25519Key.Import(Element(elements, 0x08)),
        _ => null,
    };

    /// <summary>The key that <see cref="KeyMaterial.ExportPrivate"/> gave.</summary>
    /// <exception cref="DecodeException">The bytes are no such key.</exception>
    public static KeyMaterial Restore(PivAlgorithm algorithm, ReadOnlySpan<byte> privateKey, int offset)
    {
        try
        {
            KeyMaterial? key = algorithm switch
            {
                PivAlgorithm.EccP256 or PivAlgorithm.EccP384 => EllipticCurveKey.Import(algorithm, privateKey),
                PivAlgorithm.Rsa2048 => Rsa2048Key.FromPkcs1(privateKey),
                PivAlgorithm.Ed25519 => Ed25519Key.Import(privateKey),
                PivAlgorithm.X25519 => X25519Key.Import(privateKey),
                _ => null,
            };
            return key ?? throw new DecodeException("not a private key of its algorithm", offset);
        }
        catch (CryptographicException failure)
        {
            throw new DecodeException("not a private key of its algorithm", offset, failure);
        }
    }

    private static ReadOnlySpan<byte> Element(ReadOnlySpan<byte> elements, int tag)
    {
        var reader = new BerTlvReader(elements);
        return reader.TryFind(tag, out ReadOnlySpan<byte> value) ? value : [];
    }
}

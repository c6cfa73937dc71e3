using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol;

// C2SP tlog-checkpoint, the text of a signed note:
//
//   hwchat.log/<hex RegistryId>      origin, and the name of the relay's key
//   <size, decimal>
//   <root, base64>
//   <extension lines, none of ours>

/// <summary>A head of the registry: its size and root, and the log that they are of.</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="Size">Leaves.</param>
/// <param name="Root">The root at that size.</param>
/// <param name="Extensions">Further lines, which we neither write nor understand, but keep: they are signed.</param>
public sealed record Checkpoint(string Origin, ulong Size, Digest Root, IReadOnlyList<string> Extensions)
{
    /// <summary>The head of this registry.</summary>
    public static Checkpoint Of(RegistryId registry, ulong size, Digest root) => new(OriginOf(registry), size, root, []);

    /// <summary>The origin line of a registry, which is also the name of its relay's key.</summary>
    public static string OriginOf(RegistryId registry) => $"hwchat.log/{registry}";

    /// <summary>The checkpoint that this text is, with its last newline.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    public static Checkpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] lines = text.Split('\n');
        if (lines.Length < 4 || lines[^1].Length != 0 || lines[..^1].Any(static line => line.Length == 0))
            throw new DecodeException("checkpoint has not at least three lines that are not empty", 0);
        bool decimalSize = ulong.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong size)
            && size.ToString(CultureInfo.InvariantCulture) == lines[1];
        if (!decimalSize)
            throw new DecodeException("checkpoint size is not a decimal number without leading zeros", lines[0].Length + 1);
        var root = new byte[Digest.Size];
        // The one text of exactly these bytes, so that length and padding need no word.
        if (!Convert.TryFromBase64String(lines[2], root, out _) || Convert.ToBase64String(root) != lines[2])
            throw new DecodeException("checkpoint root is not 32 bytes in base64", lines[0].Length + lines[1].Length + 2);
        return new Checkpoint(lines[0], size, new Digest(root), lines[3..^1]);
    }

    /// <summary>The text that is signed.</summary>
    public string ToText()
        => string.Join('\n', [Origin, Size.ToString(CultureInfo.InvariantCulture), Convert.ToBase64String(Root.ToArray()), .. Extensions]) + "\n";

    /// <summary>The checkpoint as a note signed by the relay's identity key.</summary>
    /// <param name="relayKey">The Ed25519 identity key; stays the caller's.</param>
    public SignedNote Sign(Key relayKey)
    {
        ArgumentNullException.ThrowIfNull(relayKey);
        byte[] publicKey = relayKey.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        string text = ToText();
        byte[] signature = SignatureAlgorithm.Ed25519.Sign(relayKey, Encoding.UTF8.GetBytes(text));
        return new SignedNote(text, [new NoteSignature(Origin, SignedNote.KeyIdOf(Origin, SignedNote.Ed25519Type, publicKey), signature)]);
    }

    /// <summary>Reads any bytes as a signed checkpoint, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        SignedNote note = SignedNote.Parse(input);
        if (!note.Encode().AsSpan().SequenceEqual(input) || Parse(note.Text).ToText() != note.Text)
            throw new CryptographicException("A checkpoint has two encodings.");
    }
}

/// <summary>A witness whose cosignature a reader asks for.</summary>
/// <param name="Name">The witness's key name.</param>
/// <param name="PublicKey">Its Ed25519 key.</param>
public sealed record WitnessKey(string Name, Digest PublicKey);

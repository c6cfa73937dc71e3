using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// C2SP signed-note: a text that ends in a newline, an empty line, and one line a signature:
//
//   — <key name> base64(key ID || signature)
//
//   key ID = SHA-256(key name || 0x0A || signature type || public key)[:4]

/// <summary>A signature line of a note.</summary>
/// <param name="KeyName">The key's name.</param>
/// <param name="KeyId">Four bytes that tell keys of one name apart; no hash to rely on.</param>
/// <param name="Signature">What follows the key ID.</param>
public sealed record NoteSignature(string KeyName, uint KeyId, byte[] Signature);

/// <summary>A text with signatures (C2SP signed-note). Parsed is not verified.</summary>
/// <param name="Text">The text, with its last newline.</param>
/// <param name="Signatures">At least one.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Signature type: Ed25519 over the text.</summary>
    public const byte Ed25519Type = 0x01;

    /// <summary>Signature type: a witness's timestamped Ed25519 cosignature of a checkpoint.</summary>
    public const byte CosignatureType = 0x04;

    private const string Dash = "— ";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The note that these bytes are.</summary>
    /// <exception cref="DecodeException">Malformed, or beyond this implementation's limits.</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > ProtocolLimits.CheckpointBytes)
            throw new DecodeException("note is too long", ProtocolLimits.CheckpointBytes);
        int control = bytes.IndexOfAnyInRange((byte)0, (byte)0x1F);
        for (int at = control; at >= 0; at = NextControl(bytes, at))
        {
            if (bytes[at] != '\n')
                throw new DecodeException("note holds a control character", at);
        }
        string whole;
        try
        {
            whole = StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException malformed)
        {
            throw new DecodeException("note is not UTF-8", Math.Max(malformed.Index, 0), malformed);
        }
        int blank = whole.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0 || !whole.EndsWith('\n'))
            throw new DecodeException("note has no signatures", bytes.Length);
        string[] lines = whole[(blank + 2)..].Split('\n')[..^1];
        if (lines.Length is 0 or > ProtocolLimits.CheckpointSignatures)
            throw new DecodeException("note has no signatures, or too many", bytes.Length);
        return new SignedNote(whole[..(blank + 1)], [.. lines.Select(ParseLine)]);
    }

    /// <summary>The note's bytes.</summary>
    public byte[] Encode()
    {
        var note = new StringBuilder(Text).Append('\n');
        Span<byte> id = stackalloc byte[sizeof(uint)];
        foreach (NoteSignature signature in Signatures)
        {
            BinaryPrimitives.WriteUInt32BigEndian(id, signature.KeyId);
            note.Append(Dash).Append(signature.KeyName).Append(' ').Append(Convert.ToBase64String([.. id, .. signature.Signature])).Append('\n');
        }
        return StrictUtf8.GetBytes(note.ToString());
    }

    /// <summary>The key ID of a key under a name, for one signature type.</summary>
    public static uint KeyIdOf(string keyName, byte type, ReadOnlySpan<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(keyName);
        byte[] hash = SHA256.HashData([.. StrictUtf8.GetBytes(keyName), (byte)'\n', type, .. publicKey]);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }

    /// <summary>Whether a signature line of this Ed25519 key is there, and all such lines verify.</summary>
    public bool IsSignedBy(string keyName, Digest publicKey)
    {
        VerifyingKey key = VerifyingKey.FromRaw(SignatureScheme.Ed25519, publicKey.ToArray());
        byte[] text = StrictUtf8.GetBytes(Text);
        var lines = LinesOf(keyName, Ed25519Type, publicKey).ToList();
        return lines.Count > 0 && lines.TrueForAll(line => key.VerifyBytes(text, line.Signature));
    }

    /// <summary>The time of the cosignature by this witness; null if there is none, or one does not verify (C2SP tlog-cosignature).</summary>
    public ulong? CosignedAt(string keyName, Digest publicKey)
    {
        VerifyingKey key = VerifyingKey.FromRaw(SignatureScheme.Ed25519, publicKey.ToArray());
        ulong? time = null;
        foreach (NoteSignature line in LinesOf(keyName, CosignatureType, publicKey))
        {
            if (line.Signature.Length != sizeof(ulong) + 64)
                return null;
            ulong timestamp = BinaryPrimitives.ReadUInt64BigEndian(line.Signature);
            byte[] message = StrictUtf8.GetBytes($"cosignature/v1\ntime {timestamp}\n{Text}");
            if (timestamp > long.MaxValue || !key.VerifyBytes(message, line.Signature.AsSpan(sizeof(ulong))))
                return null;
            time = timestamp;
        }
        return time;
    }

    /// <summary>Whether a string can name a key: not empty, no space, no plus, no control character.</summary>
    public static bool IsKeyName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length > 0 && !name.Any(static c => char.IsWhiteSpace(c) || c == '+' || c < ' ');
    }

    private IEnumerable<NoteSignature> LinesOf(string keyName, byte type, Digest publicKey)
    {
        uint id = KeyIdOf(keyName, type, publicKey.ToArray());
        return Signatures.Where(line => line.KeyName == keyName && line.KeyId == id);
    }

    private static int NextControl(ReadOnlySpan<byte> bytes, int after)
    {
        int next = bytes[(after + 1)..].IndexOfAnyInRange((byte)0, (byte)0x1F);
        return next < 0 ? -1 : after + 1 + next;
    }

    private static NoteSignature ParseLine(string line)
    {
        string[] parts = line.Split(' ');
        if (parts is not ["—", _, _] || !IsKeyName(parts[1]))
            throw new DecodeException("not a signature line", 0);
        // Convert.TryFromBase64String overlooks white space; the split has left none. Padding bits must be zero.
        var bytes = new byte[parts[2].Length];
        if (!Convert.TryFromBase64String(parts[2], bytes, out int length) || length <= sizeof(uint)
            || Convert.ToBase64String(bytes.AsSpan(0, length)) != parts[2])
        {
            throw new DecodeException("signature is not base64, or too short", 0);
        }
        return new NoteSignature(parts[1], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[sizeof(uint)..length]);
    }
}

using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.4.3.1
//
//   struct {
//     opaque path_secret<V>;
//   } PathSecret;
//
//   struct {
//     opaque joiner_secret<V>;
//     optional<PathSecret> path_secret;
//     PreSharedKeyID psks<V>;
//   } GroupSecrets;

/// <summary>What a Welcome tells one new member. Owns its secrets; they die with the join.</summary>
internal sealed class GroupSecrets(Secret ownedJoinerSecret, Secret? ownedPathSecret, PreSharedKeyId[] psks) : ITlsSerializable, IDisposable
{
    public Secret JoinerSecret { get; } = ownedJoinerSecret;

    public Secret? PathSecret { get; } = ownedPathSecret;

    public IReadOnlyList<PreSharedKeyId> Psks { get; } = psks;

    public static GroupSecrets Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    public static GroupSecrets ReadFrom(ref TlsReader reader)
    {
        Secret joiner = Secret.CopyOf(reader.ReadOpaque(TlsVector.NoLimit));
        Secret? path = null;
        try
        {
            if (reader.ReadOptional())
                path = Secret.CopyOf(reader.ReadOpaque(TlsVector.NoLimit));
            return new GroupSecrets(joiner, path, TlsVector.Read(ref reader, PreSharedKeyId.ReadFrom));
        }
        catch (DecodeException)
        {
            joiner.Dispose();
            path?.Dispose();
            throw;
        }
    }

    public void WriteTo(ref TlsWriter writer) => Write(ref writer, JoinerSecret, PathSecret, Psks);

    /// <summary>Writes the structure of secrets that stay their owner's.</summary>
    public static void Write(ref TlsWriter writer, Secret joinerSecret, Secret? pathSecret, IReadOnlyList<PreSharedKeyId> psks)
    {
        writer.WriteOpaque(joinerSecret.Span);
        writer.WriteOptional(pathSecret is not null);
        if (pathSecret is not null)
            writer.WriteOpaque(pathSecret.Span);
        writer.WriteVector<PreSharedKeyId>([.. psks]);
    }

    public void Dispose()
    {
        JoinerSecret.Dispose();
        PathSecret?.Dispose();
    }
}

using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.1.8.1
//
//   struct {
//     SignaturePublicKey signature_key;
//     Credential credential;
//   } ExternalSender;
//
//   ExternalSender external_senders<V>;

/// <summary>Somebody outside the group who may send it proposals.</summary>
/// <param name="SignatureKey">The key by which its proposals are verified.</param>
/// <param name="Credential">Who it is.</param>
public sealed record ExternalSender(SignaturePublicKey SignatureKey, Credential Credential) : ITlsSerializable
{
    /// <summary>The senders as an extension of the group's context.</summary>
    public static Extension ToExtension(params IEnumerable<ExternalSender> senders)
    {
        ExternalSender[] list = [.. senders];
        using var buffer = new TlsBuffer();
        new TlsWriter(buffer).WriteVector<ExternalSender>(list);
        return new Extension(ExtensionType.ExternalSenders, buffer.WrittenSpan);
    }

    /// <summary>The senders among a context's extensions; none if there is no such extension.</summary>
    /// <exception cref="DecodeException">The extension is malformed.</exception>
    public static IReadOnlyList<ExternalSender> FindIn(ExtensionList extensions)
    {
        ArgumentNullException.ThrowIfNull(extensions);
        return extensions.Find(ExtensionType.ExternalSenders) is { } extension ? TlsVector.Decode(extension.Content, ReadListFrom) : [];
    }

    internal static ExternalSender ReadFrom(ref TlsReader reader) => new(SignaturePublicKey.ReadFrom(ref reader), Credential.ReadFrom(ref reader));

    private static ExternalSender[] ReadListFrom(ref TlsReader reader) => TlsVector.Read(ref reader, ReadFrom);

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        SignatureKey.WriteTo(ref writer);
        Credential.WriteTo(ref writer);
    }
}

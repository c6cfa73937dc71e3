using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §11.1
//
//   struct {
//       ExtensionType extension_types<V>;
//       ProposalType proposal_types<V>;
//       CredentialType credential_types<V>;
//   } RequiredCapabilities;

/// <summary>The content of the required_capabilities extension: what every member of the group must support.</summary>
public sealed class RequiredCapabilities : ITlsSerializable
{
    private readonly ExtensionType[] _extensions;
    private readonly ProposalType[] _proposals;
    private readonly CredentialType[] _credentials;

    /// <summary>The given requirements.</summary>
    public RequiredCapabilities(
        IEnumerable<ExtensionType>? extensions = null, IEnumerable<ProposalType>? proposals = null, IEnumerable<CredentialType>? credentials = null)
    {
        _extensions = [.. extensions ?? []];
        _proposals = [.. proposals ?? []];
        _credentials = [.. credentials ?? []];
    }

    /// <summary>Extension types that all must support.</summary>
    public IReadOnlyList<ExtensionType> Extensions => _extensions;

    /// <summary>Proposal types that all must support.</summary>
    public IReadOnlyList<ProposalType> Proposals => _proposals;

    /// <summary>Credential types that all must support.</summary>
    public IReadOnlyList<CredentialType> Credentials => _credentials;

    /// <summary>The requirements as an extension of the group's context.</summary>
    public Extension ToExtension() => Extension.Of(ExtensionType.RequiredCapabilities, this);

    /// <summary>The requirements among a context's extensions, or null.</summary>
    /// <exception cref="DecodeException">The extension is malformed.</exception>
    public static RequiredCapabilities? FindIn(ExtensionList extensions)
    {
        ArgumentNullException.ThrowIfNull(extensions);
        return extensions.Find(ExtensionType.RequiredCapabilities) is { } extension ? TlsVector.Decode(extension.Content, ReadFrom) : null;
    }

    internal static RequiredCapabilities ReadFrom(ref TlsReader reader) => new(
        TlsVector.Read(ref reader, ExtensionType.ReadFrom),
        TlsVector.Read(ref reader, ProposalType.ReadFrom),
        TlsVector.Read(ref reader, CredentialType.ReadFrom));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteVector<ExtensionType>(_extensions);
        writer.WriteVector<ProposalType>(_proposals);
        writer.WriteVector<CredentialType>(_credentials);
    }
}

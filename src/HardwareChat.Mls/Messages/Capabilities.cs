using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.2
//
//   struct {
//       ProtocolVersion versions<V>;
//       CipherSuite cipher_suites<V>;
//       ExtensionType extensions<V>;
//       ProposalType proposals<V>;
//       CredentialType credentials<V>;
//   } Capabilities;

/// <summary>What a client supports. Default extension and proposal types are supported by all and listed by none.</summary>
public sealed class Capabilities : ITlsSerializable
{
    // Longer lists are looked up by hash.
    private const int ShortList = 32;

    private readonly ProtocolVersion[] _versions;
    private readonly CipherSuiteId[] _cipherSuites;
    private readonly ExtensionType[] _extensions;
    private readonly ProposalType[] _proposals;
    private readonly CredentialType[] _credentials;

    private HashSet<ExtensionType>? _extensionSet;
    private HashSet<ProposalType>? _proposalSet;
    private HashSet<CredentialType>? _credentialSet;

    /// <summary>The given capabilities.</summary>
    /// <param name="versions">Supported versions; <see cref="ProtocolVersion.Mls10"/> if none are given.</param>
    /// <param name="cipherSuites">Supported suites.</param>
    /// <param name="extensions">Supported non-default extension types.</param>
    /// <param name="proposals">Supported non-default proposal types.</param>
    /// <param name="credentials">Supported credential types; <see cref="CredentialType.Basic"/> if none are given.</param>
    public Capabilities(
        IEnumerable<CipherSuiteId> cipherSuites,
        IEnumerable<ExtensionType>? extensions = null,
        IEnumerable<ProposalType>? proposals = null,
        IEnumerable<CredentialType>? credentials = null,
        IEnumerable<ProtocolVersion>? versions = null)
        : this([.. versions ?? [ProtocolVersion.Mls10]], [.. cipherSuites], [.. extensions ?? []], [.. proposals ?? []], [.. credentials ?? [CredentialType.Basic]])
    {
    }

    private Capabilities(
        ProtocolVersion[] versions, CipherSuiteId[] cipherSuites, ExtensionType[] extensions, ProposalType[] proposals, CredentialType[] credentials)
    {
        _versions = versions;
        _cipherSuites = cipherSuites;
        _extensions = extensions;
        _proposals = proposals;
        _credentials = credentials;
    }

    /// <summary>Versions.</summary>
    public IReadOnlyList<ProtocolVersion> Versions => _versions;

    /// <summary>Cipher suites.</summary>
    public IReadOnlyList<CipherSuiteId> CipherSuites => _cipherSuites;

    /// <summary>Extension types that are not default.</summary>
    public IReadOnlyList<ExtensionType> Extensions => _extensions;

    /// <summary>Proposal types that are not default.</summary>
    public IReadOnlyList<ProposalType> Proposals => _proposals;

    /// <summary>Credential types.</summary>
    public IReadOnlyList<CredentialType> Credentials => _credentials;

    /// <summary>Whether the client supports the version.</summary>
    public bool Supports(ProtocolVersion version) => _versions.AsSpan().Contains(version);

    /// <summary>Whether the client supports the suite.</summary>
    public bool Supports(CipherSuiteId suite) => _cipherSuites.AsSpan().Contains(suite);

    /// <summary>Whether the client supports the extension type, as all do the default ones.</summary>
    public bool Supports(ExtensionType type) => type.IsDefault || Lists(_extensions, ref _extensionSet, type);

    /// <summary>Whether the client supports the proposal type, as all do the default ones.</summary>
    public bool Supports(ProposalType type) => type.IsDefault || Lists(_proposals, ref _proposalSet, type);

    /// <summary>Whether the client supports the credential type.</summary>
    public bool Supports(CredentialType type) => Lists(_credentials, ref _credentialSet, type);

    // RFC 9420 §7.3: "the required extensions, proposals, and credential types MUST be listed in the LeafNode's capabilities field".
    internal bool Supports(RequiredCapabilities required)
        => required.Extensions.All(Supports) && required.Proposals.All(Supports) && required.Credentials.All(Supports);

    // Every extension of the leaf, and every credential type in use, is looked for: in a list made to be long, too.
    private static bool Lists<T>(T[] list, ref HashSet<T>? set, T value)
        where T : struct, IEquatable<T>
        => list.Length <= ShortList ? list.AsSpan().Contains(value) : (set ??= [.. list]).Contains(value);

    internal static Capabilities ReadFrom(ref TlsReader reader) => new(
        TlsVector.Read(ref reader, ProtocolVersion.ReadFrom),
        TlsVector.Read(ref reader, CipherSuiteId.ReadFrom),
        TlsVector.Read(ref reader, ExtensionType.ReadFrom),
        TlsVector.Read(ref reader, ProposalType.ReadFrom),
        TlsVector.Read(ref reader, CredentialType.ReadFrom));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteVector<ProtocolVersion>(_versions);
        writer.WriteVector<CipherSuiteId>(_cipherSuites);
        writer.WriteVector<ExtensionType>(_extensions);
        writer.WriteVector<ProposalType>(_proposals);
        writer.WriteVector<CredentialType>(_credentials);
    }
}

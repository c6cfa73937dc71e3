using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §5.2
//
//   opaque HashReference<V>;
//   HashReference ProposalRef;
//
//   MakeProposalRef(value) = RefHash("MLS 1.0 Proposal Reference", value)
//
//   "the value input is the AuthenticatedContent carrying the Proposal"

/// <summary>The name of a proposal that was sent by itself, in the commit that takes it up.</summary>
public sealed class ProposalRef : ITlsSerializable, IEquatable<ProposalRef>
{
    private readonly byte[] _hash;

    internal ProposalRef(byte[] ownedHash) => _hash = ownedHash;

    /// <summary>The hash.</summary>
    public ReadOnlySpan<byte> Span => _hash;

    internal static ProposalRef Of(CipherSuite suite, AuthenticatedContent content)
        => new(suite.RefHash("MLS 1.0 Proposal Reference"u8, TlsWriter.Encode(content)));

    internal static ProposalRef ReadFrom(ref TlsReader reader) => new(reader.ReadOpaque(TlsVector.NoLimit).ToArray());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteOpaque(_hash);

    /// <inheritdoc/>
    public bool Equals(ProposalRef? other) => other is not null && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ProposalRef);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_hash);
        return hash.ToHashCode();
    }

    /// <summary>The hash, in hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(_hash);
}

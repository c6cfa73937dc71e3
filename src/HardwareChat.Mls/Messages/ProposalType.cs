using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.1, §17.4
//
//   uint16 ProposalType;

/// <summary>The kind of a <see cref="Proposal"/>: a value of the IANA registry "MLS Proposal Types", known to this library or not.</summary>
/// <param name="Value">The number on the wire.</param>
public readonly record struct ProposalType(ushort Value) : ITlsSerializable
{
    /// <summary>Add a client by its key package (RFC 9420 §12.1.1).</summary>
    public static readonly ProposalType Add = new(0x0001);

    /// <summary>Replace the sender's own leaf (RFC 9420 §12.1.2).</summary>
    public static readonly ProposalType Update = new(0x0002);

    /// <summary>Remove a member (RFC 9420 §12.1.3).</summary>
    public static readonly ProposalType Remove = new(0x0003);

    /// <summary>Mix in a pre-shared key (RFC 9420 §12.1.4).</summary>
    public static readonly ProposalType PreSharedKey = new(0x0004);

    /// <summary>Close the group in favour of another (RFC 9420 §12.1.5).</summary>
    public static readonly ProposalType ReInit = new(0x0005);

    /// <summary>Join by external commit (RFC 9420 §12.1.6).</summary>
    public static readonly ProposalType ExternalInit = new(0x0006);

    /// <summary>Replace the context's extensions (RFC 9420 §12.1.7).</summary>
    public static readonly ProposalType GroupContextExtensions = new(0x0007);

    /// <summary>RFC 9420 §7.2: default types, which every client supports and none lists.</summary>
    public bool IsDefault => Value is >= 0x0001 and <= 0x0007;

    // RFC 9420 §12.4: update, remove, external_init and group_context_extensions require a path. §17.4: so must an unknown type be
    // treated, since only its own specification could excuse it.
    internal bool RequiresPath => Value is not (0x0001 or 0x0004 or 0x0005);

    // RFC 9420 §12.1.8: "only the following types may be sent by an external sender".
    internal bool MayComeFromExternalSender => Value is 0x0001 or 0x0003 or 0x0004 or 0x0005 or 0x0007;

    internal static ProposalType ReadFrom(ref TlsReader reader) => new(reader.ReadUInt16());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteUInt16(Value);

    /// <inheritdoc/>
    public override string ToString() => $"proposal 0x{Value:X4}";
}

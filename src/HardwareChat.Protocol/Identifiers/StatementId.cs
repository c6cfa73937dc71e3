using HardwareChat.Wire;

namespace HardwareChat.Protocol;

/// <summary>A registry statement: H("statement", Statement). The signatures are not part of the name.</summary>
public readonly record struct StatementId(Digest Value) : ITlsSerializable
{
    /// <summary>The identifier of 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static StatementId FromBytes(ReadOnlySpan<byte> bytes) => new(new Digest(bytes));

    /// <summary>opaque x[32].</summary>
    public static StatementId Read(ref TlsReader reader) => new(Digest.Read(ref reader));

    /// <summary>The id of the statement with this encoding.</summary>
    public static StatementId OfStatement(ReadOnlySpan<byte> statement) => new(Labelled.Hash(Labels.Statement, statement));

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => Value.WriteTo(ref writer);

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}

using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §17.1
//
//   uint16 CipherSuite;

/// <summary>A cipher suite's number as it stands on the wire; it may name a suite that this library does not have.</summary>
/// <param name="Value">The value of the IANA registry "MLS Cipher Suites".</param>
public readonly record struct CipherSuiteId(ushort Value) : ITlsSerializable
{
    internal static CipherSuiteId ReadFrom(ref TlsReader reader) => new(reader.ReadUInt16());

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteUInt16(Value);

    /// <inheritdoc/>
    public override string ToString() => CipherSuite.TryGet(this, out CipherSuite? suite) ? suite.Name : $"cipher suite 0x{Value:X4}";
}

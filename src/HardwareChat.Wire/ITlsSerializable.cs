namespace HardwareChat.Wire;

/// <summary>A structure that has an encoding in the TLS presentation language.</summary>
public interface ITlsSerializable
{
    /// <summary>Writes the structure's encoding.</summary>
    void WriteTo(ref TlsWriter writer);
}

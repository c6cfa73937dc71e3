namespace HardwareChat.Mls.Vectors;

/// <summary>A value is not the vector's.</summary>
public sealed class VectorException(string message) : Exception(message);

namespace HardwareChat.Wire;

/// <summary>The bytes are malformed: they are not an encoding of the structure that was asked for.</summary>
/// <remarks>
/// Thrown by every decoder of untrusted bytes, and the only exception that malformed bytes may cause. Well-formed bytes that
/// break a rule are another matter and have another exception. The message never quotes the input.
/// </remarks>
public sealed class DecodeException : Exception
{
    /// <summary>A decoding failure at <paramref name="offset"/>.</summary>
    /// <param name="message">What was expected, in words; holds no input bytes.</param>
    /// <param name="offset">Where, in bytes from the start of the outermost input.</param>
    public DecodeException(string message, int offset)
        : base($"{message} (at byte {offset})") => Offset = offset;

    /// <summary>A decoding failure that another library reported.</summary>
    /// <param name="message">What was expected, in words; holds no input bytes.</param>
    /// <param name="offset">Where, in bytes from the start of the outermost input.</param>
    /// <param name="innerException">The library's own account.</param>
    public DecodeException(string message, int offset, Exception innerException)
        : base($"{message} (at byte {offset})", innerException) => Offset = offset;

    /// <summary>Bytes from the start of the outermost input to the place of the failure.</summary>
    public int Offset { get; }
}

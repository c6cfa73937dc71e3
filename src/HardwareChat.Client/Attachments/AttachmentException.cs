namespace HardwareChat.Client.Attachments;

/// <summary>What is wrong with a file on its way.</summary>
public enum AttachmentFault
{
    /// <summary>The bytes are not those that the message promised.</summary>
    Tampered = 1,

    /// <summary>The blob ended before its size.</summary>
    Truncated,

    /// <summary>The file is larger than files may be.</summary>
    TooLarge,

    /// <summary>The file changed its size while it was read.</summary>
    SourceChanged,

    /// <summary>There is no free name for the file in its folder.</summary>
    NoFreeName,

    /// <summary>The relay no longer has it.</summary>
    Gone,
}

/// <summary>A file could not be sealed, sent, fetched or opened. Network and disk have their own exceptions.</summary>
public sealed class AttachmentException : Exception
{
    /// <summary>A fault, in words for a person.</summary>
    public AttachmentException(AttachmentFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>Which.</summary>
    public AttachmentFault Fault { get; }
}

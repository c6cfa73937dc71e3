namespace HardwareChat.Relay;

/// <summary>The store did not do what was asked: nothing of it is on disk.</summary>
public class StoreException : Exception
{
    /// <summary>Not done, for this reason: no payload, no name of a person or room in it.</summary>
    public StoreException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>What a person does about it at the command line; null where examining the store is what is left.</summary>
    public string? Hint { get; init; }
}

/// <summary>Another sequencer has written at this position: this one must reload before it goes on.</summary>
public sealed class StoreFencedException : StoreException
{
    /// <summary>The position is taken.</summary>
    public StoreFencedException(Exception? inner = null)
        : base("another sequencer has written at this position", inner)
    {
    }
}

/// <summary>The disk is full, or the database cannot be reached: the same again may work later.</summary>
public sealed class StoreUnavailableException : StoreException
{
    /// <summary>Not now, for this reason.</summary>
    public StoreUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>The store is damaged, or of another kind or a newer version: it is not opened, or only read.</summary>
public sealed class StoreUnusableException : StoreException
{
    /// <summary>Not usable, for this reason.</summary>
    public StoreUnusableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

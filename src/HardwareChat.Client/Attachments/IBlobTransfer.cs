namespace HardwareChat.Client.Attachments;

/// <summary>The bytes of one blob, at the relay: what the blob endpoints with their tickets do, and what a test does in memory.</summary>
/// <remarks>Network faults are the implementation's exceptions and pass through; whoever called starts again where it stopped.</remarks>
public interface IBlobTransfer
{
    /// <summary>Bytes that the relay holds of an upload, from its start.</summary>
    ValueTask<long> HeldAsync(CancellationToken cancellation);

    /// <summary>Sends bytes that begin at an offset; they are kept when this returns.</summary>
    ValueTask SendAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Fetches bytes from an offset on; fewer than asked for, and 0 only at the end.</summary>
    ValueTask<int> FetchAsync(long offset, Memory<byte> bytes, CancellationToken cancellation);
}

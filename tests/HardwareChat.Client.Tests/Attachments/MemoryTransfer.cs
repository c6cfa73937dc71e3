using HardwareChat.Client.Attachments;

namespace HardwareChat.Client.Tests.Attachments;

/// <summary>A blob in a stream, whose line breaks when a test says so.</summary>
internal sealed class MemoryTransfer(Stream blob) : IBlobTransfer
{
    /// <summary>Calls until the line breaks once.</summary>
    public int BreakAfter { get; set; } = int.MaxValue;

    public long Fetched { get; private set; }

    public long Sent { get; private set; }

    /// <summary>Bytes of a piece that arrive although the line broke in it.</summary>
    public int ArriveInBreak { get; set; }

    public ValueTask<long> HeldAsync(CancellationToken cancellation) => ValueTask.FromResult(blob.Length);

    public ValueTask SendAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        bool breaks = --BreakAfter == 0;
        blob.Position = offset;
        blob.Write(breaks ? bytes.Span[..Math.Min(ArriveInBreak, bytes.Length)] : bytes.Span);
        Sent += bytes.Length;
        return breaks ? throw new IOException("The line broke.") : ValueTask.CompletedTask;
    }

    public ValueTask<int> FetchAsync(long offset, Memory<byte> bytes, CancellationToken cancellation)
    {
        if (--BreakAfter == 0)
            throw new IOException("The line broke.");
        blob.Position = offset;
        // Answers come in pieces of any size.
        int read = blob.Read(bytes.Span[..Math.Min(bytes.Length, 50_000)]);
        Fetched += read;
        return ValueTask.FromResult(read);
    }
}

using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §8.2
//
//   struct {
//       WireFormat wire_format;
//       FramedContent content; /* with content_type == commit */
//       opaque signature<V>;
//   } ConfirmedTranscriptHashInput;
//
//   struct {
//       MAC confirmation_tag;
//   } InterimTranscriptHashInput;
//
//   confirmed_transcript_hash_[0] = ""
//   interim_transcript_hash_[0] = ""
//   confirmed_transcript_hash_[epoch] = Hash(interim_transcript_hash_[epoch - 1] || ConfirmedTranscriptHashInput_[epoch])
//   interim_transcript_hash_[epoch] = Hash(confirmed_transcript_hash_[epoch] || InterimTranscriptHashInput_[epoch])

/// <summary>The running hash over every commit of a group (RFC 9420 §8.2).</summary>
internal static class TranscriptHash
{
    /// <summary>confirmed_transcript_hash of the epoch that a commit begins.</summary>
    /// <param name="suite">The group's.</param>
    /// <param name="interim">interim_transcript_hash of the epoch in which the commit was sent; empty in epoch 0.</param>
    /// <param name="confirmedInput">The encoded ConfirmedTranscriptHashInput.</param>
    public static byte[] Confirmed(CipherSuite suite, ReadOnlySpan<byte> interim, ReadOnlySpan<byte> confirmedInput)
        => suite.Hash([.. interim, .. confirmedInput]);

    /// <summary>interim_transcript_hash of the epoch that a commit begins.</summary>
    public static byte[] Interim(CipherSuite suite, ReadOnlySpan<byte> confirmed, ReadOnlySpan<byte> confirmationTag)
    {
        using var input = new TlsBuffer();
        var writer = new TlsWriter(input);
        writer.WriteFixed(confirmed);
        writer.WriteOpaque(confirmationTag);
        return suite.Hash(input.WrittenSpan);
    }
}

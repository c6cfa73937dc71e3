using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6.1
//
//   struct {
//       /* SignWithLabel(., "FramedContentTBS", FramedContentTBS) */
//       opaque signature<V>;
//       select (FramedContent.content_type) {
//           case commit:
//               /* MAC(confirmation_key, GroupContext.confirmed_transcript_hash) */
//               MAC confirmation_tag;
//           case application:
//           case proposal:
//               struct{};
//       };
//   } FramedContentAuthData;

/// <summary>What vouches for a framed content. The confirmation tag is there for a commit, and for nothing else.</summary>
internal sealed record FramedContentAuthData(byte[] Signature, byte[]? ConfirmationTag) : ITlsSerializable
{
    public static FramedContentAuthData ReadFrom(ref TlsReader reader, ContentType type) => new(
        reader.ReadOpaque(TlsVector.NoLimit).ToArray(),
        type == ContentType.Commit ? reader.ReadOpaque(TlsVector.NoLimit).ToArray() : null);

    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOpaque(Signature);
        if (ConfirmationTag is not null)
            writer.WriteOpaque(ConfirmationTag);
    }
}

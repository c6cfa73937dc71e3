using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6
//
//   struct {
//       WireFormat wire_format;
//       FramedContent content;
//       FramedContentAuthData auth;
//   } AuthenticatedContent;

/// <summary>A framed content and what vouches for it: what PublicMessage and PrivateMessage carry.</summary>
internal sealed record AuthenticatedContent(WireFormat WireFormat, FramedContent Content, FramedContentAuthData Auth) : ITlsSerializable
{
    // RFC 9420 §6.1
    //
    //   struct {
    //       ProtocolVersion version = mls10;
    //       WireFormat wire_format;
    //       FramedContent content;
    //       select (FramedContentTBS.content.sender.sender_type) {
    //           case member:
    //           case new_member_commit:
    //               GroupContext context;
    //           case external:
    //           case new_member_proposal:
    //               struct{};
    //       };
    //   } FramedContentTBS;

    public static AuthenticatedContent Sign(CipherSuite suite, IMlsSigner signer, WireFormat wireFormat, FramedContent content, GroupContext? context)
    {
        using var tbs = new TlsBuffer(content.ApplicationData.Length + 512);
        var writer = new TlsWriter(tbs);
        WriteTbs(ref writer, wireFormat, content, context);
        byte[] signature = suite.SignWithLabel(signer, "FramedContentTBS"u8, tbs.WrittenSpan);
        return new AuthenticatedContent(wireFormat, content, new FramedContentAuthData(signature, null));
    }

    public bool VerifySignature(CipherSuite suite, SignaturePublicKey key, GroupContext? context)
    {
        using var tbs = new TlsBuffer(Content.ApplicationData.Length + 512);
        var writer = new TlsWriter(tbs);
        WriteTbs(ref writer, WireFormat, Content, context);
        return suite.VerifyWithLabel(key, "FramedContentTBS"u8, tbs.WrittenSpan, Auth.Signature);
    }

    public AuthenticatedContent With(byte[] confirmationTag) => this with { Auth = Auth with { ConfirmationTag = confirmationTag } };

    internal static void WriteTbs(ref TlsWriter writer, WireFormat wireFormat, FramedContent content, GroupContext? context)
    {
        ProtocolVersion.Mls10.WriteTo(ref writer);
        wireFormat.WriteTo(ref writer);
        content.WriteTo(ref writer);
        if (content.Sender.Type is SenderType.Member or SenderType.NewMemberCommit)
            writer.WriteFixed(context!.Encoded);
    }

    public static AuthenticatedContent Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    public static AuthenticatedContent ReadFrom(ref TlsReader reader)
    {
        WireFormat wireFormat = WireFormat.ReadFrom(ref reader);
        FramedContent content = FramedContent.ReadFrom(ref reader);
        return new AuthenticatedContent(wireFormat, content, FramedContentAuthData.ReadFrom(ref reader, content.Type));
    }

    public void WriteTo(ref TlsWriter writer)
    {
        WireFormat.WriteTo(ref writer);
        Content.WriteTo(ref writer);
        Auth.WriteTo(ref writer);
    }
}

using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6.2
//
//   struct {
//       FramedContent content;
//       FramedContentAuthData auth;
//       select (PublicMessage.content.sender.sender_type) {
//           case member:
//               MAC membership_tag;
//           case external:
//           case new_member_commit:
//           case new_member_proposal:
//               struct{};
//       };
//   } PublicMessage;
//
//   struct {
//     FramedContentTBS content_tbs;
//     FramedContentAuthData auth;
//   } AuthenticatedContentTBM;
//
//   membership_tag = MAC(membership_key, AuthenticatedContentTBM)

/// <summary>A message that is signed and not encrypted. Everybody can read it; members' messages bear a tag that only members can make.</summary>
public sealed class PublicMessage : ITlsSerializable
{
    private readonly byte[]? _membershipTag;

    private PublicMessage(FramedContent content, FramedContentAuthData auth, byte[]? membershipTag)
    {
        Content = content;
        Auth = auth;
        _membershipTag = membershipTag;
    }

    /// <summary>group_id.</summary>
    public GroupId GroupId => Content.GroupId;

    /// <summary>epoch.</summary>
    public Epoch Epoch => Content.Epoch;

    /// <summary>sender, unverified.</summary>
    public Sender Sender => Content.Sender;

    /// <summary>content_type.</summary>
    public ContentType ContentType => Content.Type;

    /// <summary>authenticated_data, unverified.</summary>
    public ReadOnlySpan<byte> AuthenticatedData => Content.AuthenticatedData.Span;

    /// <summary>confirmation_tag of a commit, unverified; else empty.</summary>
    public ReadOnlySpan<byte> ConfirmationTag => Auth.ConfirmationTag;

    internal FramedContent Content { get; }

    internal FramedContentAuthData Auth { get; }

    internal static PublicMessage Protect(CipherSuite suite, AuthenticatedContent authenticated, GroupContext? context, Secret? membershipKey)
    {
        // RFC 9420 §6: "Applications MUST use PrivateMessage to encrypt application messages".
        if (authenticated.Content.Type == ContentType.Application)
            throw new InvalidOperationException("application data is never sent as a PublicMessage");
        byte[]? tag = null;
        if (authenticated.Content.Sender.IsMember)
        {
            using TlsBuffer tbm = Tbm(authenticated, context!);
            tag = suite.Mac(membershipKey!, tbm.WrittenSpan);
        }

        return new PublicMessage(authenticated.Content, authenticated.Auth, tag);
    }

    /// <summary>The content, once the membership tag is checked; its signature is not yet.</summary>
    internal AuthenticatedContent Unprotect(CipherSuite suite, GroupContext context, Secret membershipKey)
    {
        // RFC 9420 §6: "Applications MUST use PrivateMessage to encrypt application messages". (ValSem005)
        if (Content.Type == ContentType.Application)
            throw new ValidationException(ValidationRule.ApplicationDataEncrypted, "application data came as a PublicMessage");
        var authenticated = new AuthenticatedContent(WireFormat.PublicMessage, Content, Auth);
        if (!Content.Sender.IsMember)
            return authenticated;

        // RFC 9420 §6.2: "For messages sent by members, it MUST be set". (ValSem007)
        if (_membershipTag is not { Length: > 0 })
            throw new ValidationException(ValidationRule.MembershipTagPresent, "a member's PublicMessage has no membership tag");

        // RFC 9420 §6.2: "the application MUST check membership_tag". (ValSem008)
        using TlsBuffer tbm = Tbm(authenticated, context);
        if (!suite.VerifyMac(membershipKey, tbm.WrittenSpan, _membershipTag))
            throw new ValidationException(ValidationRule.MembershipTagValid, "the membership tag is wrong");
        return authenticated;
    }

    internal static PublicMessage ReadFrom(ref TlsReader reader)
    {
        FramedContent content = FramedContent.ReadFrom(ref reader);
        FramedContentAuthData auth = FramedContentAuthData.ReadFrom(ref reader, content.Type);
        byte[]? tag = content.Sender.IsMember ? reader.ReadOpaque(TlsVector.NoLimit).ToArray() : null;
        return new PublicMessage(content, auth, tag);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Content.WriteTo(ref writer);
        Auth.WriteTo(ref writer);
        if (_membershipTag is not null)
            writer.WriteOpaque(_membershipTag);
    }

    private static TlsBuffer Tbm(AuthenticatedContent authenticated, GroupContext context)
    {
        var tbm = new TlsBuffer(1024);
        var writer = new TlsWriter(tbm);
        AuthenticatedContent.WriteTbs(ref writer, authenticated.WireFormat, authenticated.Content, context);
        authenticated.Auth.WriteTo(ref writer);
        return tbm;
    }
}

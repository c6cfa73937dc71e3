using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6
//
//   struct {
//       opaque group_id<V>;
//       uint64 epoch;
//       Sender sender;
//       opaque authenticated_data<V>;
//
//       ContentType content_type;
//       select (FramedContent.content_type) {
//           case application:
//             opaque application_data<V>;
//           case proposal:
//             Proposal proposal;
//           case commit:
//             Commit commit;
//       };
//   } FramedContent;

/// <summary>What a message says, who says it and where.</summary>
internal sealed class FramedContent : ITlsSerializable
{
    private FramedContent(
        GroupId groupId, Epoch epoch, Sender sender, ReadOnlyMemory<byte> authenticatedData,
        ContentType type, ReadOnlyMemory<byte> applicationData, Proposal? proposal, Commit? commit)
    {
        GroupId = groupId;
        Epoch = epoch;
        Sender = sender;
        AuthenticatedData = authenticatedData;
        Type = type;
        ApplicationData = applicationData;
        Proposal = proposal;
        Commit = commit;
    }

    public GroupId GroupId { get; }

    public Epoch Epoch { get; }

    public Sender Sender { get; }

    public ReadOnlyMemory<byte> AuthenticatedData { get; }

    public ContentType Type { get; }

    public ReadOnlyMemory<byte> ApplicationData { get; }

    public Proposal? Proposal { get; }

    public Commit? Commit { get; }

    public static FramedContent OfApplication(GroupId groupId, Epoch epoch, Sender sender, ReadOnlyMemory<byte> authenticatedData, ReadOnlyMemory<byte> applicationData)
        => new(groupId, epoch, sender, authenticatedData, ContentType.Application, applicationData, null, null);

    public static FramedContent Of(GroupId groupId, Epoch epoch, Sender sender, ReadOnlyMemory<byte> authenticatedData, Proposal proposal)
        => new(groupId, epoch, sender, authenticatedData, ContentType.Proposal, default, proposal, null);

    public static FramedContent Of(GroupId groupId, Epoch epoch, Sender sender, ReadOnlyMemory<byte> authenticatedData, Commit commit)
        => new(groupId, epoch, sender, authenticatedData, ContentType.Commit, default, null, commit);

    public static FramedContent ReadFrom(ref TlsReader reader)
    {
        GroupId groupId = GroupId.ReadFrom(ref reader);
        var epoch = new Epoch(reader.ReadUInt64());
        Sender sender = Sender.ReadFrom(ref reader);
        byte[] authenticatedData = reader.ReadOpaque(TlsVector.NoLimit).ToArray();
        ContentType type = ContentTypes.ReadFrom(ref reader);
        return ReadBody(ref reader, groupId, epoch, sender, authenticatedData, type);
    }

    /// <summary>The content whose body the reader holds, the rest being known from elsewhere.</summary>
    public static FramedContent ReadBody(
        ref TlsReader reader, GroupId groupId, Epoch epoch, Sender sender, ReadOnlyMemory<byte> authenticatedData, ContentType type) => type switch
        {
            ContentType.Application => OfApplication(groupId, epoch, sender, authenticatedData, reader.ReadOpaque(TlsVector.NoLimit).ToArray()),
            ContentType.Proposal => Of(groupId, epoch, sender, authenticatedData, Proposal.ReadFrom(ref reader)),
            _ => Of(groupId, epoch, sender, authenticatedData, Commit.ReadFrom(ref reader)),
        };

    public void WriteTo(ref TlsWriter writer)
    {
        GroupId.WriteTo(ref writer);
        writer.WriteUInt64(Epoch.Value);
        Sender.WriteTo(ref writer);
        writer.WriteOpaque(AuthenticatedData.Span);
        writer.WriteUInt8((byte)Type);
        WriteBodyTo(ref writer);
    }

    public void WriteBodyTo(ref TlsWriter writer)
    {
        if (Type == ContentType.Application)
            writer.WriteOpaque(ApplicationData.Span);
        Proposal?.WriteTo(ref writer);
        Commit?.WriteTo(ref writer);
    }
}

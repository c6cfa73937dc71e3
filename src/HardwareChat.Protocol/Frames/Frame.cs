using System.Security.Cryptography;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct {
//   FrameKind kind;
//   uint32    request;          request, answer: chosen by the asker, not 0, until it is answered; push, notice: 0
//   Extension extensions<V>;
//   select (kind) { ... };      to the end of the frame
// } Frame;

/// <summary>What a frame says, by its kind.</summary>
public abstract record FrameBody : ITlsSerializable
{
    private protected FrameBody()
    {
    }

    /// <summary>The kind.</summary>
    public abstract FrameKind Kind { get; }

    /// <inheritdoc/>
    public abstract void WriteTo(ref TlsWriter writer);
}

/// <summary>A body of a kind that this version does not know; <see cref="FrameKinds.Class"/> says what to do with it.</summary>
/// <param name="UnknownKind">The kind.</param>
/// <param name="Bytes">The body.</param>
public sealed record UnknownFrame(FrameKind UnknownKind, ReadOnlyMemory<byte> Bytes) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => UnknownKind;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => writer.WriteFixed(Bytes.Span);
}

/// <summary>One message between a client and a relay.</summary>
/// <param name="Request">The request's number, chosen by the client; 0 in pushes and notices.</param>
/// <param name="Body">What it says.</param>
public sealed record Frame(uint Request, FrameBody Body) : ITlsSerializable
{
    /// <summary>Extensions.</summary>
    public IReadOnlyList<Extension> Extensions { get; init; } = [];

    /// <summary>A push or notice.</summary>
    public static Frame Unasked(FrameBody body) => new(0, body);

    /// <summary>The refusal of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="code">Why.</param>
    /// <param name="retryAfter">Seconds, where <see cref="ErrorCode.Busy"/> knows them.</param>
    public static Frame Refusal(uint request, ErrorCode code, uint retryAfter = 0) => new(request, new ErrorFrame(code, retryAfter));

    /// <summary>Reads what a client sent.</summary>
    /// <exception cref="DecodeException">Malformed, or of a kind that relays send: the channel is over.</exception>
    /// <exception cref="ChannelException">An extension is critical.</exception>
    public static Frame DecodeFromClient(ReadOnlySpan<byte> bytes) => Decode(bytes, fromClient: true);

    /// <summary>Reads what a relay sent.</summary>
    /// <exception cref="DecodeException">Malformed, of a kind that clients send, or an answer of an unknown kind: the channel is over.</exception>
    /// <exception cref="ChannelException">An extension is critical.</exception>
    public static Frame DecodeFromRelay(ReadOnlySpan<byte> bytes) => Decode(bytes, fromClient: false);

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt8((byte)Body.Kind);
        writer.WriteUInt32(Request);
        Extension.WriteList(ref writer, Extensions);
        Body.WriteTo(ref writer);
    }

    /// <summary>Reads any bytes as a frame from either side, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        try
        {
            FuzzCore(input);
        }
        catch (ChannelException)
        {
            // A refusal by a rule is an answer.
        }
    }

    private static void FuzzCore(ReadOnlySpan<byte> input)
    {
        Frame frame = Decode(input, fromClient: input.IsEmpty || ((FrameKind)input[0]).IsFromClient());
        if (!TlsWriter.Encode(frame).AsSpan().SequenceEqual(input))
            throw new CryptographicException("A frame has two encodings.");
    }

    private static Frame Decode(ReadOnlySpan<byte> bytes, bool fromClient)
    {
        var reader = new TlsReader(bytes);
        var kind = (FrameKind)reader.ReadUInt8();
        if (kind.IsFromClient() != fromClient)
            throw reader.Malformed("a frame of the other direction");
        uint request = reader.ReadUInt32();
        if (kind.Class() is FrameClass.Request or FrameClass.Answer != (request != 0))
            throw reader.Malformed("requests and answers have a number, pushes and notices none");
        IReadOnlyList<Extension> extensions = Extension.ReadList(ref reader);
        FrameBody body = ReadBody(kind, ref reader);
        reader.ThrowIfNotEmpty();
        return new Frame(request, body) { Extensions = extensions };
    }

    private static FrameBody ReadBody(FrameKind kind, ref TlsReader reader) => kind switch
    {
        FrameKind.Ping => new Ping(),
        FrameKind.CreateRoom => new CreateRoom(RoomGenesis.Read(ref reader)),
        FrameKind.Append => Append.Read(ref reader),
        FrameKind.Subscribe => new Subscribe(RoomId.Read(ref reader), reader.ReadUInt64()),
        FrameKind.Unsubscribe => new Unsubscribe(RoomId.Read(ref reader)),
        FrameKind.ListRooms => new ListRooms(reader.ReadOptional() ? RoomId.Read(ref reader) : null),
        FrameKind.GetGroupInfo => new GetGroupInfo(RoomId.Read(ref reader)),
        FrameKind.GetRoster => new GetRoster(RoomId.Read(ref reader)),
        FrameKind.PublishKeyPackages => PublishKeyPackages.Read(ref reader),
        FrameKind.FetchKeyPackages => FetchKeyPackages.Read(ref reader),
        FrameKind.CountKeyPackages => new CountKeyPackages(),
        FrameKind.FetchWelcomes => new FetchWelcomes(),
        FrameKind.DropWelcome => new DropWelcome(RoomId.Read(ref reader), reader.ReadUInt64()),
        FrameKind.GetLeaves => new GetLeaves(reader.ReadUInt64()),
        FrameKind.SubmitStatement => SubmitStatement.Read(ref reader),
        FrameKind.GetEvidence => new GetEvidence(Digest.Read(ref reader)),
        FrameKind.UploadBlob => new UploadBlob(RoomId.Read(ref reader), reader.ReadUInt64()),
        FrameKind.DownloadBlob => new DownloadBlob(Digest.Read(ref reader)),
        FrameKind.OfferEntries => OfferEntries.Read(ref reader),
        FrameKind.OfferLeaves => OfferLeaves.Read(ref reader),
        FrameKind.Error => ErrorFrame.Read(ref reader),
        FrameKind.Pong => new Pong(reader.ReadUInt64()),
        FrameKind.Done => new Done(),
        FrameKind.Appended => Appended.Read(ref reader),
        FrameKind.Subscribed => new Subscribed(reader.ReadUInt64(), reader.ReadUInt64(), Digest.Read(ref reader)),
        FrameKind.Rooms => RoomList.Read(ref reader),
        FrameKind.GroupInfo => GroupInfoFrame.Read(ref reader),
        FrameKind.RoomRoster => RoomRoster.Read(ref reader),
        FrameKind.KeyPackages => KeyPackages.Read(ref reader),
        FrameKind.KeyPackageCount => new KeyPackageCount(reader.ReadUInt32(), reader.ReadOptional()),
        FrameKind.Leaves => Leaves.Read(ref reader),
        FrameKind.Submitted => Submitted.Read(ref reader),
        FrameKind.Evidence => new EvidenceFrame(reader.ReadOpaque(ProtocolLimits.EvidenceBytes).ToArray()),
        FrameKind.BlobTicket => BlobTicket.Read(ref reader),
        FrameKind.Offered => new Offered(reader.ReadUInt32()),
        FrameKind.Entry => EntryPush.Read(ref reader),
        FrameKind.Detached => new Detached(RoomId.Read(ref reader), reader.ReadUInt64()),
        FrameKind.Welcome => WelcomePush.Read(ref reader),
        FrameKind.RegistryNews => new RegistryNews(reader.ReadOpaque(ProtocolLimits.CheckpointBytes).ToArray()),
        FrameKind.EphemeralPush => EphemeralPush.Read(ref reader),
        FrameKind.Drain => Drain.Read(ref reader),
        FrameKind.Restored => new Restored(reader.ReadOptional() ? RoomId.Read(ref reader) : null, reader.ReadUInt64()),
        FrameKind.Ephemeral => new Ephemeral(RoomId.Read(ref reader), reader.ReadOpaque(ProtocolLimits.EphemeralBytes).ToArray()),
        _ when kind.Class() == FrameClass.Answer => throw reader.Malformed("an answer of an unknown kind"),
        _ => new UnknownFrame(kind, reader.ReadFixed(reader.Remaining).ToArray()),
    };
}

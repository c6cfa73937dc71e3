using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>Sends every frame of a client to the handler of its kind.</summary>
internal sealed class RequestHandlers(
    RoomRequests rooms, RegistryRequests registry, KeyPackageRequests keyPackages, BlobRequests blobs, ConnectionTable connections, RelayTime time)
{
    private const uint RateRetry = 1;

    /// <summary>Those of rooms.</summary>
    public RoomRequests Rooms => rooms;

    /// <summary>Answers one frame, or sends it on to where it is answered.</summary>
    /// <param name="client">Whose frame it is.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="bytes">Its encoding, for those that travel on.</param>
    /// <param name="length">The encoding's length.</param>
    public async ValueTask TakeAsync(ClientConnection client, Frame frame, byte[] bytes, int length)
    {
        if (!connections.RateOf(client).TryRequest(length, time.Milliseconds()))
        {
            Refuse(client, frame, ErrorCode.Busy, RateRetry);
            return;
        }
        if (client.IsGuest && !frame.Body.Kind.IsOpenToGuests())
        {
            Refuse(client, frame, ErrorCode.Refused, 0);
            return;
        }
        bool isStatement = frame.Body is SubmitStatement;
        if (isStatement)
            client.BeginStatement();
        try
        {
            if (await AnswerAsync(client, frame, bytes) is { } answer)
                client.Answer(new Frame(frame.Request, answer));
        }
        catch (Exception e) when (e is StoreException or OrleansException or TimeoutException)
        {
            Refuse(client, frame, ErrorCode.Busy, RateRetry);
        }
        finally
        {
            if (isStatement)
                client.EndStatement();
        }
    }

    private ValueTask<FrameBody?> AnswerAsync(ClientConnection client, Frame frame, byte[] bytes) => frame.Body switch
    {
        Append append => rooms.AppendAsync(client, frame.Request, append, bytes),
        Ephemeral ephemeral => rooms.EphemeralAsync(client, ephemeral),
        Ping => new(new Pong(time.UnixSeconds())),
        CreateRoom create => rooms.CreateAsync(client, create),
        Subscribe subscribe => rooms.SubscribeAsync(client, frame.Request, subscribe),
        Unsubscribe unsubscribe => rooms.UnsubscribeAsync(client, unsubscribe),
        ListRooms list => rooms.ListAsync(client, list),
        GetGroupInfo get => rooms.GroupInfoAsync(client, get),
        GetRoster get => rooms.RosterAsync(client, get),
        OfferEntries offer => rooms.OfferAsync(client, offer, bytes),
        PublishKeyPackages publish => keyPackages.PublishAsync(client, publish),
        FetchKeyPackages fetch => keyPackages.FetchAsync(client, fetch),
        CountKeyPackages => keyPackages.CountAsync(client),
        FetchWelcomes => rooms.WelcomesAsync(client),
        DropWelcome drop => rooms.DropWelcomeAsync(client, drop),
        GetLeaves get => registry.LeavesAsync(get),
        GetEvidence get => registry.EvidenceAsync(get),
        SubmitStatement submit => registry.SubmitAsync(client, submit),
        OfferLeaves offer => registry.OfferAsync(offer),
        UploadBlob upload => blobs.UploadAsync(client, upload),
        DownloadBlob download => blobs.DownloadAsync(client, download),
        _ => new(frame.Request == 0 ? null : new ErrorFrame(ErrorCode.Unsupported, 0)),
    };

    private static void Refuse(ClientConnection client, Frame frame, ErrorCode code, uint retryAfter)
    {
        if (frame.Request != 0)
            client.Answer(Frame.Refusal(frame.Request, code, retryAfter));
    }
}

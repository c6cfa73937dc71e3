using CsCheck;

namespace HardwareChat.Protocol.Tests;

/// <summary>Random frames of every kind.</summary>
internal static class FrameGen
{
    private static readonly Gen<Digest> Digests = Gen.Byte.Array[32].Select(static bytes => new Digest(bytes));
    private static readonly Gen<RoomId> Rooms = Digests.Select(static digest => new RoomId(digest));
    private static readonly Gen<TokenId> Tokens = Digests.Select(static digest => new TokenId(digest));
    private static readonly Gen<Handle> Handles = Gen.Char.AlphaNumeric.Array[1, 32].Select(static chars => Handle.Parse(new string(chars).ToLowerInvariant()));
    private static readonly Gen<ReadOnlyMemory<byte>> Bytes = Gen.Byte.Array[0, 300].Select(static bytes => (ReadOnlyMemory<byte>)bytes);
    private static readonly Gen<ReadOnlyMemory<byte>?> OptionalBytes = Gen.Select(Gen.Bool, Bytes, static (has, bytes) => has ? bytes : (ReadOnlyMemory<byte>?)null);
    private static readonly Gen<ulong> Numbers = Gen.ULong;
    private static readonly Gen<Stamp> Stamps = Gen.Select(Numbers, Numbers, static (time, size) => new Stamp(time, size));
    private static readonly Gen<EntryKind> Kinds = Gen.Int[1, 3].Select(static kind => (EntryKind)kind);
    private static readonly Gen<RosterChange> Changes = Gen.OneOf(
        Handles.Select(static handle => (RosterChange)new RosterChange.Add(handle)),
        Handles.Select(static handle => (RosterChange)new RosterChange.Drop(handle)),
        Gen.Const<RosterChange>(new RosterChange.Open()),
        Gen.Const<RosterChange>(new RosterChange.Close()));

    private static readonly Gen<RoomEntry> Entries = Gen.Select(Rooms, Numbers, Digests, Stamps, Kinds, Digests)
        .Select(static x => new RoomEntry(x.Item1, x.Item2, x.Item3, x.Item4, x.Item5, x.Item6));

    private static readonly Gen<EntryPush> Pushes = Gen.Select(Entries, Digests, OptionalBytes, static (entry, receipt, message) => new EntryPush(entry, receipt, message));
    private static readonly Gen<ReceiptedLeaf> Leaves = Gen.Select(Bytes, Digests, static (leaf, receipt) => new ReceiptedLeaf(leaf, receipt));
    private static readonly Gen<SignedStatement> Statements = Gen.Select(Digests, Numbers, Digests, Numbers, Gen.Byte.Array[64])
        .Select(static x => new SignedStatement(
            new Statement
            {
                RegistryId = new RegistryId(x.Item1),
                BaseSize = x.Item2,
                BaseRoot = x.Item3,
                SignedAt = x.Item4,
                Body = new SignOut(new TokenId(x.Item3)),
            },
            [new StatementSignature(x.Item1, x.Item5)]));

    /// <summary>A body of each kind.</summary>
    public static IReadOnlyDictionary<FrameKind, Gen<FrameBody>> Bodies { get; } = new Dictionary<FrameKind, Gen<FrameBody>>
    {
        [FrameKind.Ping] = Gen.Const<FrameBody>(new Ping()),
        [FrameKind.CreateRoom] = Gen.Select(Digests, Handles.List[1, 5], Digests, static (registry, owners, nonce) => (FrameBody)new CreateRoom(new RoomGenesis(new RegistryId(registry), owners.Distinct().Order().ToList(), nonce))),
        [FrameKind.Append] = Gen.Select(Gen.Select(Rooms, Kinds, Numbers, Numbers), Bytes, OptionalBytes, OptionalBytes, Changes.List[0, 5])
            .Select(static x => (FrameBody)new Append(x.Item1.Item1, x.Item1.Item2, x.Item1.Item3, x.Item1.Item4, x.Item2, x.Item3, x.Item4, x.Item5)),
        [FrameKind.Subscribe] = Gen.Select(Rooms, Numbers, static (room, from) => (FrameBody)new Subscribe(room, from)),
        [FrameKind.Unsubscribe] = Rooms.Select(static room => (FrameBody)new Unsubscribe(room)),
        [FrameKind.ListRooms] = Gen.Select(Gen.Bool, Rooms, static (has, room) => (FrameBody)new ListRooms(has ? room : null)),
        [FrameKind.GetGroupInfo] = Rooms.Select(static room => (FrameBody)new GetGroupInfo(room)),
        [FrameKind.GetRoster] = Rooms.Select(static room => (FrameBody)new GetRoster(room)),
        [FrameKind.PublishKeyPackages] = Gen.Select(Gen.Bool, Bytes.List[0, 5], OptionalBytes, static (replace, packages, last) => (FrameBody)new PublishKeyPackages(replace, packages, last)),
        [FrameKind.FetchKeyPackages] = Handles.List[0, 5].Select(static handles => (FrameBody)new FetchKeyPackages(handles)),
        [FrameKind.CountKeyPackages] = Gen.Const<FrameBody>(new CountKeyPackages()),
        [FrameKind.FetchWelcomes] = Gen.Const<FrameBody>(new FetchWelcomes()),
        [FrameKind.DropWelcome] = Gen.Select(Rooms, Numbers, static (room, sequence) => (FrameBody)new DropWelcome(room, sequence)),
        [FrameKind.GetLeaves] = Numbers.Select(static from => (FrameBody)new GetLeaves(from)),
        [FrameKind.SubmitStatement] = Gen.Select(Statements, Bytes.List[0, 5], static (statement, evidence) => (FrameBody)new SubmitStatement(statement, evidence)),
        [FrameKind.GetEvidence] = Digests.Select(static hash => (FrameBody)new GetEvidence(hash)),
        [FrameKind.UploadBlob] = Gen.Select(Rooms, Numbers, static (room, size) => (FrameBody)new UploadBlob(room, size)),
        [FrameKind.DownloadBlob] = Digests.Select(static blob => (FrameBody)new DownloadBlob(blob)),
        [FrameKind.OfferEntries] = Pushes.List[0, 5].Select(static entries => (FrameBody)new OfferEntries(entries)),
        [FrameKind.OfferLeaves] = Gen.Select(Numbers, Leaves.List[0, 5], Bytes.List[0, 5], static (from, leaves, evidence) => (FrameBody)new OfferLeaves(from, leaves, evidence)),
        [FrameKind.Error] = Gen.Select(Gen.Byte[1, 255], Gen.UInt, static (code, after) => (FrameBody)new ErrorFrame((ErrorCode)code, after)),
        [FrameKind.Pong] = Numbers.Select(static time => (FrameBody)new Pong(time)),
        [FrameKind.Done] = Gen.Const<FrameBody>(new Done()),
        [FrameKind.Appended] = Gen.Select(Numbers, Stamps, Digests, static (sequence, stamp, receipt) => (FrameBody)new Appended(sequence, stamp, receipt)),
        [FrameKind.Subscribed] = Gen.Select(Numbers, Numbers, Digests, static (size, horizon, head) => (FrameBody)new Subscribed(size, horizon, head)),
        [FrameKind.Rooms] = Gen.Select(Gen.Select(Rooms, Numbers, Numbers, static (room, size, horizon) => new RoomSummary(room, size, horizon)).List[0, 5], Gen.Bool, static (rooms, more) => (FrameBody)new RoomList(rooms, more)),
        [FrameKind.GroupInfo] = Gen.Select(Numbers, Bytes, static (sequence, info) => (FrameBody)new GroupInfoFrame(sequence, info)),
        [FrameKind.RoomRoster] = Gen.Select(Handles.List[0, 5], Handles.List[0, 5], Gen.Bool, static (owners, handles, open) => (FrameBody)new RoomRoster(owners, handles, open)),
        [FrameKind.KeyPackages] = Gen.Select(Tokens, OptionalBytes, static (token, package) => new TokenKeyPackage(token, package)).List[0, 5].Select(static items => (FrameBody)new KeyPackages(items)),
        [FrameKind.KeyPackageCount] = Gen.Select(Gen.UInt, Gen.Bool, static (count, last) => (FrameBody)new KeyPackageCount(count, last)),
        [FrameKind.Leaves] = Gen.Select(Numbers, Leaves.List[0, 5], Bytes, static (from, leaves, checkpoint) => (FrameBody)new Leaves(from, leaves, checkpoint)),
        [FrameKind.Submitted] = Gen.Select(Numbers, Numbers, Bytes, static (index, at, checkpoint) => (FrameBody)new Submitted(index, at, checkpoint)),
        [FrameKind.Evidence] = Bytes.Select(static evidence => (FrameBody)new EvidenceFrame(evidence)),
        [FrameKind.BlobTicket] = Gen.Select(Digests, Gen.Byte.Array[0, 256], Numbers, static (blob, ticket, notAfter) => (FrameBody)new BlobTicket(blob, ticket, notAfter)),
        [FrameKind.Offered] = Gen.UInt.Select(static accepted => (FrameBody)new Offered(accepted)),
        [FrameKind.Entry] = Pushes.Select(static push => (FrameBody)push),
        [FrameKind.Detached] = Gen.Select(Rooms, Numbers, static (room, next) => (FrameBody)new Detached(room, next)),
        [FrameKind.Welcome] = Gen.Select(Rooms, Numbers, Bytes, static (room, sequence, welcome) => (FrameBody)new WelcomePush(room, sequence, welcome)),
        [FrameKind.RegistryNews] = Bytes.Select(static checkpoint => (FrameBody)new RegistryNews(checkpoint)),
        [FrameKind.EphemeralPush] = Gen.Select(Rooms, Tokens, Bytes, static (room, sender, message) => (FrameBody)new EphemeralPush(room, sender, message)),
        [FrameKind.Drain] = Gen.Select(Gen.UInt, Gen.Bool.Select(static moves => moves ? "wss://chat.example/ws" : ""), static (after, where) => (FrameBody)new Drain(after, where)),
        [FrameKind.Restored] = Gen.Select(Gen.Bool, Rooms, Numbers, static (has, room, size) => (FrameBody)new Restored(has ? room : null, size)),
        [FrameKind.Ephemeral] = Gen.Select(Rooms, Bytes, static (room, message) => (FrameBody)new Ephemeral(room, message)),
    };

    /// <summary>A frame of this kind.</summary>
    public static Gen<Frame> Frame(FrameKind kind) => Gen.Select(Bodies[kind], Gen.UInt[1, uint.MaxValue], Bytes, Gen.Bool)
        .Select(x => new Frame(kind.Class() is FrameClass.Request or FrameClass.Answer ? x.Item2 : 0, x.Item1) { Extensions = x.Item4 ? [new Extension(1, x.Item3)] : [] });
}

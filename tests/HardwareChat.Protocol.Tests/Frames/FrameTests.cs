using CsCheck;
using HardwareChat.Wire;

namespace HardwareChat.Protocol.Tests;

public sealed class FrameTests
{
    public static TheoryData<FrameKind> Kinds => [.. Enum.GetValues<FrameKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_frame_of_every_kind_survives_the_wire(FrameKind kind)
        => FrameGen.Frame(kind).Sample(
            frame =>
            {
                byte[] bytes = TlsWriter.Encode(frame);
                Frame read = Decode(kind, bytes);
                Assert.Equal(kind, read.Body.Kind);
                Assert.Equal(frame.Body.GetType(), read.Body.GetType());
                Assert.Equal(frame.Request, read.Request);
                Assert.Equal(frame.Extensions, read.Extensions);
                Assert.Equal(bytes, TlsWriter.Encode(read));
            },
            iter: 50,
            threads: 1);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_frame_cut_short_or_with_something_behind_it_is_malformed(FrameKind kind)
    {
        byte[] bytes = TlsWriter.Encode(FrameGen.Frame(kind).Single());
        Assert.Throws<DecodeException>(() => Decode(kind, bytes.AsSpan(0, bytes.Length - 1)));
        Assert.Throws<DecodeException>(() => Decode(kind, [.. bytes, 0]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_frame_of_the_other_direction_is_malformed(FrameKind kind)
    {
        byte[] bytes = TlsWriter.Encode(FrameGen.Frame(kind).Single());
        Assert.Throws<DecodeException>(() => kind.IsFromClient() ? Frame.DecodeFromRelay(bytes) : Frame.DecodeFromClient(bytes));
    }

    [Fact]
    public void Every_request_has_one_kind_of_answer()
    {
        foreach (FrameKind kind in Enum.GetValues<FrameKind>())
        {
            if (kind.Class() == FrameClass.Request)
                Assert.Equal(FrameClass.Answer, FrameKinds.AnswerTo(kind).Class());
            else
                Assert.Throws<ArgumentOutOfRangeException>(() => FrameKinds.AnswerTo(kind));
        }
    }

    [Fact]
    public void Requests_and_answers_have_a_number_and_pushes_and_notices_none()
    {
        Assert.Throws<DecodeException>(() => Frame.DecodeFromClient(TlsWriter.Encode(new Frame(0, new Ping()))));
        Assert.Throws<DecodeException>(() => Frame.DecodeFromRelay(TlsWriter.Encode(new Frame(0, new Done()))));
        Assert.Throws<DecodeException>(() => Frame.DecodeFromRelay(TlsWriter.Encode(new Frame(7, new Drain(1, "")))));
        Assert.Throws<DecodeException>(() => Frame.DecodeFromClient(TlsWriter.Encode(new Frame(7, new Ephemeral(default, default)))));
    }

    [Fact]
    public void Unknown_kinds_are_told_apart_by_their_class()
    {
        Frame request = Frame.DecodeFromClient([0x3F, 0, 0, 0, 7, 0, 1, 2, 3]);
        Assert.Equal(FrameClass.Request, request.Body.Kind.Class());
        Assert.Equal([1, 2, 3], Assert.IsType<UnknownFrame>(request.Body).Bytes.ToArray());
        Assert.IsType<UnknownFrame>(Frame.DecodeFromRelay([0xBF, 0, 0, 0, 0, 0]).Body);
        Assert.IsType<UnknownFrame>(Frame.DecodeFromClient([0xFF, 0, 0, 0, 0, 0]).Body);
        Assert.Throws<DecodeException>(() => Frame.DecodeFromRelay([0x7F, 0, 0, 0, 7, 0]));
    }

    [Fact]
    public void An_unknown_critical_extension_is_refused_in_a_frame_too()
    {
        var frame = new Frame(1, new Ping()) { Extensions = [new Extension(0x8001, default)] };
        Assert.Equal(ChannelRule.CriticalExtensionIsKnown, Assert.Throws<ChannelException>(() => Frame.DecodeFromClient(TlsWriter.Encode(frame))).Rule);
    }

    [Fact]
    public void Extensions_repeated_or_out_of_order_are_malformed()
    {
        var twice = new Frame(1, new Ping()) { Extensions = [new Extension(2, default), new Extension(2, default)] };
        var back = new Frame(1, new Ping()) { Extensions = [new Extension(2, default), new Extension(1, default)] };
        Assert.Throws<DecodeException>(() => Frame.DecodeFromClient(TlsWriter.Encode(twice)));
        Assert.Throws<DecodeException>(() => Frame.DecodeFromClient(TlsWriter.Encode(back)));
    }

    [Fact]
    public void Messages_over_their_limit_are_malformed()
    {
        Assert.Throws<DecodeException>(() => Read(new Ephemeral(default, new byte[ProtocolLimits.EphemeralBytes + 1])));
        Assert.Throws<DecodeException>(() => Read(AppendOf(EntryKind.Application, new byte[ProtocolLimits.ApplicationMessageBytes + 1], null)));
        Assert.Throws<DecodeException>(() => Read(AppendOf(EntryKind.Handshake, new byte[ProtocolLimits.CommitBytes + 1], null)));
        Assert.Throws<DecodeException>(() => Read(AppendOf(EntryKind.Handshake, new byte[9], new byte[ProtocolLimits.GroupInfoBytes + 1])));
        Read(AppendOf(EntryKind.Handshake, new byte[ProtocolLimits.CommitBytes], new byte[ProtocolLimits.GroupInfoBytes]));
        Assert.Throws<DecodeException>(() => Read(new FetchKeyPackages([.. Enumerable.Repeat(Handle.Parse("alice"), ProtocolLimits.KeyPackageOwners + 1)])));
    }

    [Fact]
    public void The_largest_append_fits_a_frame()
    {
        RosterChange add = new RosterChange.Add(Handle.Parse(new string('a', ProtocolLimits.HandleCharacters)));
        var append = new Append(
            default, EntryKind.Handshake, 0, 0, new byte[ProtocolLimits.CommitBytes], new byte[ProtocolLimits.GroupInfoBytes], new byte[ProtocolLimits.WelcomeBytes],
            [.. Enumerable.Repeat(add, ProtocolLimits.RoomHandles)]);
        byte[] bytes = TlsWriter.Encode(new Frame(1, append));
        Assert.True(bytes.Length <= ProtocolLimits.FrameBytes);
        Frame.DecodeFromClient(bytes);
    }

    [Fact]
    public void The_largest_genesis_fits_a_guests_frame()
    {
        Assert.True(ReceiptedLeaf.MaxLeaf + ProtocolLimits.EvidencePerStatementBytes + 16 <= ProtocolLimits.GuestFrameBytes);
        Assert.True(ProtocolLimits.LeavesPerPageBytes + ProtocolLimits.EvidencePerOfferBytes + 1024 <= ProtocolLimits.FrameBytes);
    }

    [Fact]
    public void A_statement_brings_one_blob_a_token_and_no_more()
    {
        SignedStatement statement = new TestCommunity().RoleStatement("alice", Role.Member);
        FrameBody Submit(int count, int bytes)
            => Frame.DecodeFromClient(TlsWriter.Encode(new Frame(1, new SubmitStatement(statement, [.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[bytes], count)])))).Body;
        Assert.Equal(64, ((SubmitStatement)Submit(ProtocolLimits.EvidencePerStatement, 100)).Evidence.Count);
        Assert.Throws<DecodeException>(() => Submit(ProtocolLimits.EvidencePerStatement + 1, 100));
        Assert.Throws<DecodeException>(() => Submit(1, ProtocolLimits.EvidenceBytes + 1));
        Assert.Throws<DecodeException>(() => Submit(8, ProtocolLimits.EvidenceBytes));
    }

    [Theory]
    [InlineData("http://chat.example")]
    [InlineData("wss://chat.example/\n")]
    public void A_drain_address_that_is_no_wss_address_is_malformed(string address)
        => Assert.Throws<DecodeException>(() => Frame.DecodeFromRelay(TlsWriter.Encode(Frame.Unasked(new Drain(5, address)))));

    [Fact]
    public void An_append_says_what_the_rule_judges()
    {
        AppendRequest request = AppendOf(EntryKind.Application, [1, 2, 3], null).ToRequest();
        Assert.Equal(new AppendRequest(EntryKind.Application, 4, 5, Digest.Of([1, 2, 3]), 3), request);
    }

    [Fact]
    public void Every_answer_of_the_append_rule_has_a_code_or_is_an_answer()
    {
        foreach (AppendAnswer answer in Enum.GetValues<AppendAnswer>())
            Assert.Equal(answer is AppendAnswer.Accepted or AppendAnswer.Duplicate, ErrorCodes.Of(answer) is null);
    }

    [Fact]
    public void A_guest_may_read_the_registry_and_enrol()
        => Assert.Equal(
            [FrameKind.Ping, FrameKind.GetLeaves, FrameKind.SubmitStatement, FrameKind.GetEvidence],
            Enum.GetValues<FrameKind>().Where(static kind => kind.IsOpenToGuests()));

    private static Append AppendOf(EntryKind kind, byte[] message, byte[]? groupInfo) => new(default, kind, 4, 5, message, groupInfo, null, []);

    private static Frame Decode(FrameKind kind, ReadOnlySpan<byte> bytes) => kind.IsFromClient() ? Frame.DecodeFromClient(bytes) : Frame.DecodeFromRelay(bytes);

    private static void Read(FrameBody body) => Frame.DecodeFromClient(TlsWriter.Encode(new Frame(body is Ephemeral ? 0U : 1U, body)));
}

using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Protocol.Tests;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client.Tests;

/// <summary>What one touch makes.</summary>
public sealed class SessionTests
{
    private static readonly RelayId Relay = new(Digest.Of("relay"u8));
    private static readonly RoomId First = new(Digest.Of("first"u8));
    private static readonly RoomId Second = new(Digest.Of("second"u8));

    private readonly TestCommunity _community = new();

    private TestToken Token => _community.Token("alice");

    [Fact]
    public void One_touch_is_good_for_a_channel_rooms_and_key_packages()
    {
        using Session session = Touched(new SessionWish(Relay, [First, Second], 2));
        var verifier = new TouchVerifier();
        SignedGrant[] grants = [session.ChannelGrant!, .. session.Rooms.Select(static room => room.Grant)];
        Assert.All(grants, grant => Assert.Null(verifier.Verify(grant, _community.State, _community.State.Size)));
        Assert.Equal(5u, session.Touch.Count);
        Assert.Equal(KeyHash.Of(session.ChannelKey!.PublicKey.Export(KeyBlobFormat.RawPublicKey)), session.ChannelGrant!.Item.Keys[0]);
        Assert.Equal(KeyHash.Of(session.GrantFor(Second)!.LeafKeys.PublicKey.Span), session.GrantFor(Second)!.Grant.Item.Keys[0]);
        Assert.Null(session.GrantFor(new RoomId(default)));
        Assert.All(session.KeyPackages, bundle =>
        {
            SignedGrant grant = SignedGrant.Decode(((BasicCredential)bundle.KeyPackage.LeafNode.Credential).Identity);
            Assert.Equal(new Lifetime(grant.Touch.IssuedAt, grant.Item.EnterBy), bundle.KeyPackage.LeafNode.Lifetime);
            Assert.Null(verifier.Verify(grant, _community.State, _community.State.Size));
        });
    }

    [Fact]
    public void What_is_used_up_is_gone_and_a_copy_for_rooms_never_had_it()
    {
        using Session session = Touched(new SessionWish(Relay, [First, Second], 2));
        session.Withdraw(session.GrantFor(First)!);
        session.Withdraw(session.KeyPackages[0]);
        Assert.Null(session.GrantFor(First));
        using Secret saved = session.Save();
        using var restored = Session.Restore(saved.Span);
        Assert.Equal((1, 1), (restored.Rooms.Count, restored.KeyPackages.Count));
        using Session copy = session.CopyForRooms();
        Assert.Equal(session.Signer.PublicKey, copy.Signer.PublicKey);
        Assert.Equal((0, 0, null), (copy.Rooms.Count, copy.KeyPackages.Count, copy.ChannelKey));
    }

    [Fact]
    public void Session_comes_back_as_it_was()
    {
        using Session session = Touched(new SessionWish(Relay, [First], 1));
        using Secret saved = session.Save();
        using var restored = Session.Restore(saved.Span);
        using Secret again = restored.Save();
        Assert.Equal(saved, again);
        Assert.Equal(session.Id, restored.Id);
        Assert.Equal(session.Signer.PublicKey, restored.Signer.PublicKey);
    }

    [Fact]
    public void Saved_session_with_a_byte_more_or_another_key_is_malformed()
    {
        using Session session = Touched(new SessionWish(null, [First], 0));
        using Session other = Touched(new SessionWish(null, [First], 0));
        using Secret saved = session.Save();
        Assert.Throws<DecodeException>(() => Session.Restore([.. saved.Span, 0]));
        Assert.Throws<DecodeException>(() => Session.Restore(saved.Span[..^1]));
        byte[] swapped = saved.Span.ToArray();
        int seed = 2 + TlsWriter.Encode(session.Touch).Length;
        using Secret foreign = other.Save();
        foreign.Span.Slice(seed, 32).CopyTo(swapped.AsSpan(seed));
        Assert.Throws<DecodeException>(() => Session.Restore(swapped));
    }

    [Fact]
    public void Draft_that_another_token_signed_is_refused_and_may_be_signed_again()
    {
        TestToken bob = _community.Enrol("bob");
        using SessionDraft draft = Draft(new SessionWish(Relay, [], 0));
        Assert.Throws<CryptographicException>(() => draft.Complete(bob.Sign(draft.SigningInput())));
        using Session session = draft.Complete(Token.Sign(draft.SigningInput()));
        Assert.Equal(Token.Id, session.Touch.TokenId);
        Assert.Throws<ObjectDisposedException>(() => draft.Complete(Token.Sign(draft.SigningInput())));
    }

    [Fact]
    public void Touch_for_nothing_or_for_too_much_is_the_callers_mistake()
    {
        Assert.Throws<ArgumentException>(() => Draft(new SessionWish(null, [], 0)));
        Assert.Throws<ArgumentException>(() => Draft(new SessionWish(Relay, [], ProtocolLimits.GrantItemsPerTouch)));
    }

    [Fact]
    public void Withdrawn_key_package_is_erased()
    {
        using Session session = Touched(new SessionWish(null, [], 1));
        KeyPackageBundle bundle = session.KeyPackages[0];
        session.Withdraw(bundle);
        Assert.Empty(session.KeyPackages);
        Assert.Throws<ObjectDisposedException>(() => bundle.Keys.Init.PrivateKey.Span.Length);
    }

    private SessionDraft Draft(SessionWish wish) => new(_community.State.Token(Token.Id)!, _community.State, wish, _community.Time);

    private Session Touched(SessionWish wish)
    {
        using SessionDraft draft = Draft(wish);
        return draft.Complete(Token.Sign(draft.SigningInput()));
    }
}

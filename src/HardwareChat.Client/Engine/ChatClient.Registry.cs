using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

/// <content>What an admin, or the owner of a token, says in the registry.</content>
public sealed partial class ChatClient
{
    /// <summary>Invites a person: a link that goes to that person alone.</summary>
    /// <param name="handle">The handle that it is for; null for any.</param>
    /// <param name="lifetime">How long it is good.</param>
    public async Task<InviteLink> InviteAsync(Handle? handle, TimeSpan lifetime)
    {
        var code = InviteCode.Generate();
        using Key key = code.DeriveKey();
        var publicKey = new Digest(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        ulong expiry = (ulong)((long)Now + _relayAhead + (long)lifetime.TotalSeconds);
        await SubmitAsync(new Invite(publicKey, handle, Role.Member, expiry), asAdmin: true, handle is null ? "invite" : $"invite {handle}");
        RegistryState state = _registry.State;
        return new InviteLink(_community.Address, state.Id, state.RelayKey, state.Size, state.Root, code);
    }

    /// <summary>Revokes a token, and tells every room of this client.</summary>
    public Task RevokeAsync(TokenId token, RevocationReason reason)
        => SubmitAsync(new Revoke(token, reason, 0, AlsoAdded: false), asAdmin: true, "revoke a token");

    /// <summary>Ends every session of one of this person's tokens.</summary>
    public Task SignOutAsync(TokenId token) => SubmitAsync(new SignOut(token), asAdmin: false, "sign a token out");

    // The touch is waited for outside the engine's turn.
    private async Task SubmitAsync(StatementBody body, bool asAdmin, string purpose)
    {
        RegistryState state = await DoAsync(async () =>
        {
            await SyncAsync();
            return _registry.State;
        });
        TokenEnrolment keys = OwnToken.Keys;
        var statement = new Statement { RegistryId = state.Id, BaseSize = state.Size, BaseRoot = state.Root, SignedAt = Now, Body = body };
        StatementSignature signature = asAdmin
            ? await Enrolling.SignAsync(
                statement,
                PivSlot.Signature,
                keys.SignatureKey ?? throw new CommunityException("this token has no key in 9C, with which admins sign"),
                keys.SignatureKeyHash!.Value.Value,
                _broker,
                purpose,
                _end.Token)
            : await Enrolling.SignAsync(statement, PivSlot.Authentication, keys.AuthenticationKey, Token.Value, _broker, purpose, _end.Token);
        var signed = new SignedStatement(statement, [signature]);
        await DoAsync(async () =>
        {
            if (body is Revoke or SignOut)
                await SpreadAsync(signed);
            await _pushed.WhileAskingAsync(async () =>
            {
                await Enrolling.SubmitAsync(Connection, signed, [], _end.Token);
                return true;
            });
            await SyncAsync();
            return true;
        });
    }

    // Said in every room before the relay has it, which may keep it to itself; from then on nothing is sent that the token could read.
    private async Task SpreadAsync(SignedStatement signed)
    {
        var news = new StatementContent(TlsWriter.Encode(signed));
        foreach (JoinedRoom joined in _rooms.Values.Where(static joined => joined.Room.Status == RoomStatus.Member).ToArray())
        {
            try
            {
                await SendAsync(joined, news);
            }
            catch (Exception e) when (e is RoomException or RelayException or ConnectionException)
            {
                // What was encrypted waits in the outbox, and goes on the next connection.
                TellAndKeep(new ClientEvent.Trouble(joined.Room.Id, joined.Room.Chain.Size, $"the revocation was not told here: {e.Message}"));
            }
        }
        _fence.Take(_registry.State, signed);
    }

    // Null for what the registry holds already, or what does not verify: the statement of a member who may not make it says nothing.
    private ClientEvent.Trouble? TakeNews(RoomId room, ulong sequence, Handle sender, StatementContent news)
    {
        SignedStatement signed;
        try
        {
            signed = SignedStatement.Decode(news.Statement.Span);
        }
        catch (DecodeException e)
        {
            return new ClientEvent.Trouble(room, sequence, $"{sender} sent a statement that is none: {e.Message}");
        }
        RegistryState registry = _registry.State;
        if (_fence.Take(registry, signed) is { } rule)
            return new ClientEvent.Trouble(room, sequence, $"{sender} sent a statement that is not valid ({rule})");
        TokenId? token = signed.Statement.Body switch
        {
            Revoke revoke => revoke.Token,
            SignOut signOut => signOut.Token,
            _ => null,
        };
        return registry.Contains(signed.Statement.Id) || token is null
            ? null
            : new ClientEvent.Trouble(room, sequence, $"a token of {registry.Token(token.Value)?.Handle} is revoked or signed out, which the relay's registry does not hold yet: nothing is sent that it could read");
    }
}

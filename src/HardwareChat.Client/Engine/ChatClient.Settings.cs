using System.Security.Cryptography;
using HardwareChat.Client.Content;
using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <content>What owners choose about a room, and the phrase of its door.</content>
public sealed partial class ChatClient
{
    /// <summary>Chooses anew who may enter, add and administer. Whom the door no longer admits is removed with it. The door's phrase has a call of its own.</summary>
    /// <exception cref="RoomRuleException">This client's user may not.</exception>
    public Task ChangeSettingsAsync(RoomId room, RoomSettings settings) => DoAsync(async () =>
    {
        if (settings.Door is Door.Phrase asked && !(Joined(room).Room.Terms.Policy.Door is Door.Phrase now && now.Parameters.Equals(asked.Parameters)))
            throw new RoomException("a door that asks for another phrase is made by choosing the phrase");
        await CommitAsync(room, joined => joined.Room.ChangePolicy(joined.Session, settings, Belief));
        return true;
    });

    /// <summary>Gives the room's door a new phrase, and tells the members its key.</summary>
    /// <param name="room">The room.</param>
    /// <param name="phrase">The pass phrase, in memory that the caller zeroes afterwards.</param>
    /// <exception cref="RoomRuleException">This client's user may not.</exception>
    public Task ChangePhraseAsync(RoomId room, ReadOnlyMemory<char> phrase) => DoAsync(async () =>
    {
        await CommitAsync(room, joined =>
        {
            uint last = joined.Room.Terms.Policy.Door is Door.Phrase door ? door.Parameters.Version : 0;
            PhraseParameters parameters = PhraseParameters.Create(checked(last + 1));
            using Secret key = KeyOf(phrase.Span, room, parameters);
            return joined.Room.ChangePhrase(joined.Session, parameters, key.Span, Belief);
        });
        await TellPhraseAsync(Joined(room));
        return true;
    });

    // Members who do not know the door's key could not follow whoever enters by it.
    private async Task TellPhraseAsync(JoinedRoom joined)
    {
        using Secret? key = joined.Room.PhraseKey;
        if (key is null || joined.Room.Terms.Policy.Door is not Door.Phrase door)
            return;
        byte[] copy = GC.AllocateArray<byte>(Phrase.PskSize, pinned: true);
        try
        {
            key.Span.CopyTo(copy);
            await SendAsync(joined, new PhraseContent(door.Parameters.Version, copy));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }
}

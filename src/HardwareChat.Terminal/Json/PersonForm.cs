using HardwareChat.Client;
using HardwareChat.Client.Verification;
using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Json;

/// <summary>A user, as lines say it.</summary>
internal static class PersonForm
{
    /// <summary>A user of the community, with what this person has made sure of.</summary>
    public static PersonPart Of(ChatClient client, Handle handle) => new(handle.ToString(), handle == client.Handle ? "own" : client.VerificationOf(handle) switch
    {
        VerificationState.Verified => "yes",
        VerificationState.TokensAdded or VerificationState.TokensReplaced => "changed",
        _ => "no",
    })
    {
        Bot = client.Registry.User(handle)?.Role == Role.Bot ? true : null,
    };

    /// <summary>The people in a room, each once.</summary>
    public static IReadOnlyList<PersonPart> Of(ChatClient client, IReadOnlyList<Member> members) =>
    [
        .. members.GroupBy(static member => member.Handle).OrderBy(static person => person.Key).Select(person => Of(client, person.Key) with
        {
            Invited = person.All(static member => member.IsInvited) ? true : null,
            Sessions = person.Count(),
        }),
    ];

    /// <summary>What a user may do in the community, in a word.</summary>
    public static string WordOf(Role role) => role switch
    {
        Role.Admin => "admin",
        Role.Bot => "bot",
        _ => "member",
    };
}

using HardwareChat.Client;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.EndToEnd.Tests.Stories;

/// <summary>The token is pulled out whenever it hurts.</summary>
public sealed class TokenStories
{
    private const int MostCommands = 60;

    [Fact]
    public async Task The_token_may_be_pulled_at_any_command_and_the_next_try_works()
    {
        await using Village village = await Village.FoundAsync();
        Person bob = await village.NeighbourAsync("bob");
        int opening = await PullAtEachAsync(bob.Card, async () =>
        {
            await bob.EndAsync();
            await bob.BeginAsync(village.Relay.Address);
        });
        int renewing = await PullAtEachAsync(bob.Card, () => bob.Client.RenewAsync());
        int founding = await PullAtEachAsync(bob.Card, () => bob.Client.CreateRoomAsync("attic", RoomSettings.Standard));
        int inviting = await PullAtEachAsync(village.Alice.Card, () => village.Alice.InviteAsync("carol"));
        Assert.All([opening, renewing, founding, inviting], static commands => Assert.InRange(commands, 3, MostCommands));
        TestContext.Current.TestOutputHelper?.WriteLine($"commands: opening {opening}, renewing {renewing}, founding {founding}, inviting {inviting}");

        // Of all that was tried only that is there which was let be.
        Assert.Equal(2, bob.Client.Rooms.Count);
    }

    // How many commands the step takes: at each the token was pulled once, in a try of its own, each of which begins with a token just put in.
    private static async Task<int> PullAtEachAsync(SimulatedCard card, Func<Task> step)
    {
        for (int command = 1; command <= MostCommands; command++)
        {
            card.PowerCycle();
            int struck = card.Faults.Next + command - 1;
            card.Faults.RemoveAt(struck);
            Exception? failed = await Record.ExceptionAsync(step);
            if (failed is null)
            {
                await SpendAsync(card, struck, step);
                return command - 1;
            }
            TokenException told = Assert.IsAssignableFrom<TokenException>(failed);
            Assert.NotEmpty(told.Message);
            card.Insert();
        }

        throw new InvalidOperationException($"the step takes more than {MostCommands} commands");
    }

    // A fault that did not strike waits for its command: it is not the next step's.
    private static async Task SpendAsync(SimulatedCard card, int struck, Func<Task> step)
    {
        while (card.Faults.CommandsReceived < struck)
            await Record.ExceptionAsync(step);
        card.Insert();
        Assert.Null(await Record.ExceptionAsync(step));
    }
}

using System.Globalization;
using HardwareChat.Mls.Interop.Tests.Peers;

namespace HardwareChat.Mls.Interop.Tests.Scenarios;

/// <summary>All three implementations in one group.</summary>
public sealed class ThreeImplementationTests(Cast cast, ITestOutputHelper output) : IClassFixture<Cast>
{
    private const int Operations = 200;
    private const int MostMembers = 9;

    private int _turnedAway;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_implementation_adds_updates_talks_and_removes(int suite)
    {
        Implementation[] all = Enum.GetValues<Implementation>();
        Party[] members = [.. all.Select(implementation => Make(implementation, suite))];
        var conversation = new Conversation(members[0]);
        conversation.Add(members[0], members[1]);
        conversation.Add(members[1], members[2]);
        conversation.Talk();
        foreach (Party member in members)
        {
            Party newcomer = Make(all[conversation.Members.Count % all.Length], suite);
            conversation.Update(member);
            conversation.Add(member, newcomer);
            conversation.Talk();
        }

        foreach (Party member in members)
            conversation.Remove(member, conversation.Members[^1]);
        conversation.Talk();
    }

    [Fact]
    public void Two_hundred_random_operations_leave_all_in_agreement()
    {
        int seed = Environment.GetEnvironmentVariable("HARDWARECHAT_INTEROP_SEED") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int suite = random.Next(1, 4);

        // The first three stay, one of each implementation.
        Party[] core = [.. Enum.GetValues<Implementation>().Select(implementation => Make(implementation, suite))];
        var conversation = new Conversation(core[0]);
        conversation.Add(core[0], core[1], core[2]);
        string last = "";
        try
        {
            for (int i = 0; i < Operations; i++)
                last = Operate(conversation, core, random, suite);
            output.WriteLine($"{_turnedAway} ts-mls members turned themselves away from a valid tree");
            Assert.True(_turnedAway < Operations / 4, "too few members got in for the walk to mean much");
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"HARDWARECHAT_INTEROP_SEED={seed}, suite {suite}, after: {last}", exception);
        }
    }

    private string Operate(Conversation conversation, Party[] core, Random random, int suite)
    {
        Party actor = Pick(conversation.Members);
        Party newcomer = Make(Pick(Enum.GetValues<Implementation>()), suite);
        switch (random.Next(8))
        {
            case 0 or 1 when conversation.Members.Count < MostMembers:
                _turnedAway += conversation.TryAdd(actor, newcomer) ? 0 : 1;
                return $"{actor} added {newcomer}";

            case 2 when conversation.Members.Count > core.Length:
                Party gone = Pick([.. conversation.Members.Except(core)]);
                Party remover = gone == actor ? core[0] : actor;
                conversation.Remove(remover, gone);
                return $"{remover} removed {gone}";

            case 3 when conversation.Members.Count < MostMembers:
                _turnedAway += conversation.TryJoinExternally(newcomer, core[0]) ? 0 : 1;
                return $"{newcomer} joined externally";

            case 4 when actor != core[0]:
                conversation.UpdateByReference(core[0], actor);
                return $"{actor} committed an update of {core[0]}";

            case 5 or 6:
                conversation.Update(actor);
                return $"{actor} updated";

            default:
                conversation.Say(actor);
                return $"{actor} spoke";
        }

        T Pick<T>(IReadOnlyList<T> among) => among[random.Next(among.Count)];
    }

    private Party Make(Implementation implementation, int suite) => cast.Party(implementation, new CipherSuiteId((ushort)suite));
}

using HardwareChat.Mls.Interop.Tests.Peers;

namespace HardwareChat.Mls.Interop.Tests.Scenarios;

/// <summary>Who meets whom, and on which suites.</summary>
internal static class Pairings
{
    public static readonly CipherSuiteId[] Suites = [new(1), new(2), new(3)];

    /// <summary>Every ordered pair of different implementations on every suite: the first creates the group.</summary>
    public static TheoryData<Implementation, Implementation, int> All()
    {
        var data = new TheoryData<Implementation, Implementation, int>();
        foreach (Implementation first in Enum.GetValues<Implementation>())
        {
            foreach (Implementation second in Enum.GetValues<Implementation>())
            {
                foreach (CipherSuiteId suite in Suites)
                {
                    if (first != second)
                        data.Add(first, second, suite.Value);
                }
            }
        }

        return data;
    }
}

using System.Security.Cryptography;

namespace HardwareChat.Client;

/// <summary>How long a client waits before it goes back to its relay.</summary>
/// <remarks>Doubled each time up to a minute, and anywhere between half and all of it, so that the clients of a relay that restarts do not come all at once.</remarks>
internal static class Backoff
{
    private const double First = 1;
    private const double Most = 60;

    /// <summary>The wait before an attempt, counted from 0.</summary>
    /// <param name="attempt">Attempts that have failed.</param>
    /// <param name="atLeast">What the relay has asked for; more than a few minutes it does not get.</param>
    public static TimeSpan After(int attempt, TimeSpan atLeast)
    {
        const double MostAsked = 300;
        double whole = Math.Min(Most, First * Math.Pow(2, Math.Min(attempt, 10)));
        double share = RandomNumberGenerator.GetInt32(500, 1001) / 1000.0;
        return TimeSpan.FromSeconds((whole * share) + Math.Min(atLeast.TotalSeconds, MostAsked));
    }
}

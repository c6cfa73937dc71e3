using System.Runtime.ExceptionServices;

namespace HardwareChat.Mls;

/// <summary>Work on many independent items with all cores: signatures to verify, recipients to encrypt to.</summary>
/// <remarks>What comes out does not depend on the number of cores.</remarks>
internal static class Cores
{
    // Public-key operations take some 50 us each: fewer than this are not worth waking another thread.
    private const int Worthwhile = 8;

    /// <summary>Calls <paramref name="work"/> once for each index; of several exceptions, the lowest index's is thrown.</summary>
    public static void ForEach(int count, Action<int> work)
    {
        if (count < Worthwhile)
        {
            for (int i = 0; i < count; i++)
                work(i);
            return;
        }

        var failures = new Lock();
        int failedAt = count;
        ExceptionDispatchInfo? failure = null;
        Parallel.For(0, count, i =>
        {
            try
            {
                work(i);
            }
            catch (Exception exception)
            {
                lock (failures)
                {
                    if (i >= failedAt)
                        return;
                    failedAt = i;
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            }
        });
        failure?.Throw();
    }
}

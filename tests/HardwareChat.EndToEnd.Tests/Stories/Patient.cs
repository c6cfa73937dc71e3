using HardwareChat.Client;

namespace HardwareChat.EndToEnd.Tests;

/// <summary>Everybody of a story comes from one address, of which a relay takes so many handshakes a second: whoever is told to wait waits.</summary>
internal static class Patient
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private const int Attempts = 100;

    public static async Task<T> ConnectAsync<T>(Func<Task<T>> connect)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await connect();
            }
            catch (ConnectionException e) when (e.Message.Contains("503", StringComparison.Ordinal) && attempt < Attempts)
            {
                await Task.Delay(Pause);
            }
        }
    }

    public static Task ConnectAsync(Func<Task> connect) => ConnectAsync(async () =>
    {
        await connect();
        return true;
    });
}

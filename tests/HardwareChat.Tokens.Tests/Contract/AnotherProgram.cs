using System.Diagnostics;
using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>A PC/SC program that is not ours and stands in our way: Python with pyscard, which comes with ykman.</summary>
internal sealed class AnotherProgram : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string Script = """
        import sys
        from smartcard.scard import *
        what, reader = sys.argv[1], sys.argv[2]
        def done(result):
            code, rest = (result[0], result[1:]) if isinstance(result, (list, tuple)) else (result, [])
            if code != SCARD_S_SUCCESS:
                sys.exit('%08X' % (code & 0xFFFFFFFF))
            return rest
        context, = done(SCardEstablishContext(SCARD_SCOPE_USER))
        share = SCARD_SHARE_EXCLUSIVE if what == 'exclusive' else SCARD_SHARE_SHARED
        card, protocol = done(SCardConnect(context, reader, share, SCARD_PROTOCOL_ANY))
        if what == 'hold':
            done(SCardBeginTransaction(card))
        if what == 'reset':
            done(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_RESET_CARD))
        print('ready', flush=True)
        sys.stdin.read()
        if what == 'hold':
            done(SCardEndTransaction(card, SCARD_LEAVE_CARD))
        done(SCardDisconnect(card, SCARD_LEAVE_CARD))
        """;

    private readonly Process _process;

    private AnotherProgram(Process process) => _process = process;

    /// <summary>What the test needs to be installed.</summary>
    public static string Needs => "/usr/lib/python3/dist-packages/smartcard/scard/__init__.py";

    /// <summary>Begins a transaction and keeps it.</summary>
    public static Task<AnotherProgram> HoldAsync(string reader) => StartAsync("hold", reader);

    /// <summary>Connects for itself alone.</summary>
    public static Task<AnotherProgram> ExcludeAsync(string reader) => StartAsync("exclusive", reader);

    /// <summary>Resets the card and goes away.</summary>
    public static async Task ResetAsync(string reader)
    {
        await using AnotherProgram program = await StartAsync("reset", reader);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        string trouble = await _process.StandardError.ReadToEndAsync();
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, trouble);
        _process.Dispose();
    }

    private static async Task<AnotherProgram> StartAsync(string what, string reader)
    {
        var start = new ProcessStartInfo(Python, ["-c", Script, what, reader])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{ForeignTool.Find("python3")} did not start");
        if (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) == "ready")
            return new AnotherProgram(process);
        string trouble = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.Dispose();
        throw new InvalidOperationException($"the other program did not get to the card: {trouble}");
    }
}

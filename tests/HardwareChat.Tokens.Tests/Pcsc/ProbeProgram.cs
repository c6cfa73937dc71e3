using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tokens.Tests.Pcsc;

/// <summary>Another process of ours, with another service to ask, another user, or a lock to hold: this test program, started anew.</summary>
/// <remarks>The explicit tests below are those programs; they run only when started so.</remarks>
public sealed partial class ProbeProgram
{
    private const string SocketVariable = "HARDWARECHAT_PROBE_SOCKET";
    private const string ReaderVariable = "HARDWARECHAT_PROBE_READER";
    private const string AnswerMark = "probe: ";
    private const string Nobody = "65534";

    /// <summary>What the driver meets who asks the service at <paramref name="socket"/>: "none", or the fault and its code.</summary>
    /// <param name="socket">The service's socket.</param>
    /// <param name="reader">The reader to connect to; none to list readers only.</param>
    /// <param name="unprivileged">Whether to ask as a user without rights.</param>
    internal static async Task<string> AskAsync(string socket, string reader = "", bool unprivileged = false)
    {
        using Process process = Start(nameof(Meets_fault), socket, reader, unprivileged);
        string all = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        string? answer = all.Split('\n').FirstOrDefault(line => line.StartsWith(AnswerMark, StringComparison.Ordinal));
        return answer is null ? throw new InvalidOperationException($"the probe said nothing: {all}") : answer[AnswerMark.Length..];
    }

    /// <summary>Starts a process of ours that holds the lock of a reader until its input ends; returns when it has it.</summary>
    internal static async Task<Process> HoldLockAsync(string reader)
    {
        Process process = Start(nameof(Holds_lock), VirtualReader.ServiceSocket, reader, unprivileged: false);
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith(AnswerMark, StringComparison.Ordinal))
                return process;
        }

        throw new InvalidOperationException("the other process did not get the lock");
    }

    [Fact(Explicit = true)]
    public void Meets_fault()
    {
        string socket = Environment.GetEnvironmentVariable(SocketVariable)!;
        Environment.SetEnvironmentVariable("PCSCLITE_CSOCK_NAME", socket);
        Assert.Equal(0, SetEnvironment("PCSCLITE_CSOCK_NAME", socket, 1));
        string reader = Environment.GetEnvironmentVariable(ReaderVariable)!;
        try
        {
            using PcscContext context = PcscContext.Establish();
            context.ListReadersWithCards();
            if (reader.Length > 0)
                PcscContext.Open(reader).Dispose();
            Say("none");
        }
        catch (CardChannelException error)
        {
            Say(string.Create(CultureInfo.InvariantCulture, $"{error.Fault} {error.Code:X8}"));
        }
    }

    [Fact(Explicit = true)]
    public async Task Holds_lock()
    {
        Environment.SetEnvironmentVariable("PCSCLITE_CSOCK_NAME", Environment.GetEnvironmentVariable(SocketVariable));
        using (CardLock.ForReader(Environment.GetEnvironmentVariable(ReaderVariable)!).Take())
        {
            Say("held");
            await Console.In.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }

    private static void Say(string answer)
    {
        // Not the console that the test framework captures.
        using var output = new StreamWriter(Console.OpenStandardOutput());
        output.WriteLine("\n" + AnswerMark + answer);
    }

    private static Process Start(string program, string socket, string reader, bool unprivileged)
    {
        string[] arguments = ["-explicit", "only", "-method", $"*.{nameof(ProbeProgram)}.{program}", "-noLogo"];
        string executable = Path.Combine(AppContext.BaseDirectory, typeof(ProbeProgram).Assembly.GetName().Name!);
        ProcessStartInfo start = unprivileged
            ? new ProcessStartInfo("setpriv", ["--reuid", Nobody, "--regid", Nobody, "--clear-groups", executable, .. arguments])
            : new ProcessStartInfo(executable, arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.Environment[SocketVariable] = socket;
        start.Environment[ReaderVariable] = reader;
        start.Environment["HOME"] = unprivileged ? "/nonexistent" : start.Environment["HOME"];
        return Process.Start(start) ?? throw new InvalidOperationException("the probe did not start");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}

using System.Net.Sockets;

namespace HardwareChat.Tools;

// The PC/SC library says "no service" for things that ask for different doings: pcscd was never installed, it does not run, its
// socket is there and this user may not open it, or polkit said no and pcscd closed the connection without a word. On Windows and macOS the system
// brings the service, and there is nothing to tell apart.

/// <summary>Why pcscd does not answer.</summary>
internal static class SmartCardService
{
    private const string DefaultSocket = "/run/pcscd/pcscd.comm";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly string[] Folders = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin", "/run/current-system/sw/bin"];

    /// <summary>Where pcscd listens.</summary>
    public static string SocketPath => Environment.GetEnvironmentVariable("PCSCLITE_CSOCK_NAME") is { Length: > 0 } named ? named : DefaultSocket;

    private enum State
    {
        Absent,
        MayNotBeOpened,
        Refusing,
        Serving,
    }

    /// <summary>The failure in words, where more is known than that the service does not answer.</summary>
    public static FailureException? Explain(Exception cause)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        switch (Look())
        {
            case State.MayNotBeOpened:
                return new FailureException(
                    ExitCode.NoReaderService,
                    "not-authorised",
                    "the smart card service refuses this user: its socket may not be opened.",
                    cause,
                    $"see who may: ls -l {SocketPath}",
                    "hwchat-tools token doctor says more");
            case State.Refusing:
                return Refused(cause);
            case State.Absent when !IsInstalled():
                string[] container = Machine.IsContainer ? [$"or pass the host's into this container: --volume {DefaultSocket}:{DefaultSocket}"] : [];
                return new FailureException(
                    ExitCode.NoReaderService,
                    "service-not-installed",
                    "the smart card service, pcscd, is not installed.",
                    cause,
                    ["on Debian and Ubuntu: apt install pcscd; on Fedora: dnf install pcsc-lite", .. container, "hwchat-tools simulate create NAME makes a token to try things with"]);
            default:
                return null;
        }
    }

    /// <summary>The failure where the service's policy does not let this user in.</summary>
    public static FailureException Refused(Exception cause) => new(
        ExitCode.NoReaderService,
        "not-authorised",
        "the smart card service refuses this user.",
        cause,
        "over SSH, in a container or as a service user, polkit must allow org.debian.pcsc-lite.access_pcsc and org.debian.pcsc-lite.access_card",
        "hwchat-tools token doctor prints the polkit rule that lets you in");

    private static bool IsInstalled()
        => Folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Any(folder => File.Exists(Path.Combine(folder, "pcscd")));

    // pcscd asks polkit before it reads a word; it then waits for one, or closes.
    private static State Look()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            return socket.Poll(Patience, SelectMode.SelectRead) && socket.Receive(new byte[1]) == 0 ? State.Refusing : State.Serving;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode switch
            {
                SocketError.AccessDenied => State.MayNotBeOpened,
                SocketError.ConnectionReset => State.Refusing,
                _ => State.Absent,
            };
        }
        catch (ArgumentException)
        {
            return State.Absent; // PCSCLITE_CSOCK_NAME is no path that a socket can have
        }
    }
}

using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace HardwareChat.Tokens.Tests.Foreign;

/// <summary>Makes a connection inside another process's network namespace: a socket stays in the namespace it was made in.</summary>
internal static partial class NetworkNamespace
{
    private const int CloneNewNetwork = 0x40000000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Connects to a port of the loopback interface there, trying again while nothing listens yet.</summary>
    public static Socket ConnectLoopback(int process, int port, TimeSpan patience)
    {
        Socket? socket = null;
        Exception? failure = null;
        // A namespace is a property of a thread; this one ends with its work, so no other work ever runs in that namespace.
        var visitor = new Thread(() =>
        {
            try
            {
                Enter(process);
                socket = Connect(port, patience);
            }
            catch (Exception caught) when (caught is SocketException or Win32Exception or IOException)
            {
                failure = caught;
            }
        });
        visitor.Start();
        visitor.Join();
        return socket ?? throw new InvalidOperationException("no connection to the virtual reader", failure);
    }

    private static void Enter(int process)
    {
        using var handle = File.OpenHandle($"/proc/{process}/ns/net");
        if (SetNamespace(handle, CloneNewNetwork) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    private static Socket Connect(int port, TimeSpan patience)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Connect(IPAddress.Loopback, port);
                return socket;
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(start) < patience)
            {
                socket.Dispose();
                Thread.Sleep(Pause);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeHandle descriptor, int kind);
}

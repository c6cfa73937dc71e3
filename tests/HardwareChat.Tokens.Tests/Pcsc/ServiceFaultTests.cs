using System.Net.Sockets;
using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;
using HardwareChat.Tokens.Tests.Contract;
using HardwareChat.Tokens.Tests.Foreign;

namespace HardwareChat.Tokens.Tests.Pcsc;

/// <summary>What the system's smart card service does to us: not there, not for this user, not now. Each is provoked, not imitated.</summary>
[Collection(WithVirtualReader.Name)]
public sealed class ServiceFaultTests(VirtualReader reader)
{
    [Fact]
    public async Task Service_that_does_not_run_is_told_so()
    {
        reader.Require();
        string absent = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Assert.Equal("ServiceNotRunning 8010001D", await ProbeProgram.AskAsync(absent));
    }

    [Fact]
    public async Task Service_that_died_and_left_its_socket_is_told_so()
    {
        reader.Require();
        using var place = new SocketPlace();
        using (var socket = place.Bind())
            Assert.Equal("ServiceNotRunning 8010001D", await ProbeProgram.AskAsync(place.Path));
    }

    /// <remarks>
    /// pcscd closes the connection of whom polkit refuses (ContextThread of pcsc-lite 1.9.9): before it has read anything for access_pcsc,
    /// after it has for access_card. Debian's pcscd is built without polkit, so a socket that does the same stands in for it; the library is the real one.
    /// </remarks>
    [Theory]
    [InlineData(false, "NotAuthorised 8010006A")]
    [InlineData(true, "NotAuthorised 80100013")]
    public async Task Service_that_hangs_up_on_the_user_as_with_polkit_is_told_so(bool reads, string expected)
    {
        reader.Require();
        using var place = new SocketPlace();
        using Socket listener = place.Bind();
        listener.Listen();
        Task refusal = HangUpAsync(listener, reads);
        Assert.Equal(expected, await ProbeProgram.AskAsync(place.Path));
        await refusal;
    }

    [Fact]
    public async Task Service_whose_socket_the_user_may_not_open_is_told_so()
    {
        reader.Require("setpriv");
        if (!OperatingSystem.IsLinux())
            return; // the virtual reader is for Linux
        Assert.Equal("none", await ProbeProgram.AskAsync(VirtualReader.ServiceSocket, unprivileged: true));
        UnixFileMode open = File.GetUnixFileMode(VirtualReader.ServiceSocket);
        File.SetUnixFileMode(VirtualReader.ServiceSocket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        try
        {
            Assert.Equal("NotAuthorised 8010006A", await ProbeProgram.AskAsync(VirtualReader.ServiceSocket, unprivileged: true));
        }
        finally
        {
            File.SetUnixFileMode(VirtualReader.ServiceSocket, open);
        }
    }

    [Fact]
    public async Task Card_that_another_program_has_for_itself_alone_is_busy_until_it_lets_go()
    {
        reader.Require(AnotherProgram.Needs);
        await using ForeignCard card = await ForeignCard.InsertAsync(reader, FirmwareProfile.Firmware57, new AutomaticTouch());
        await using (await AnotherProgram.ExcludeAsync(VirtualReader.Name))
        {
            CardChannelException error = Assert.Throws<CardChannelException>(() => PcscContext.Open(VirtualReader.Name));
            Assert.Equal((CardFault.Busy, 0x8010000Bu), (error.Fault, error.Code));
            Assert.Equal("Busy 8010000B", await ProbeProgram.AskAsync(VirtualReader.ServiceSocket, VirtualReader.Name));
        }

        // A connection that takes longer than a moment reads as busy, and the driver's CardTurn asks again: so does this.
        string answer;
        int asked = 0;
        do
            answer = await ProbeProgram.AskAsync(VirtualReader.ServiceSocket, VirtualReader.Name);
        while (answer.StartsWith("Busy", StringComparison.Ordinal) && ++asked < 10);
        Assert.Equal("none", answer);
    }

    private static async Task HangUpAsync(Socket listener, bool reads)
    {
        using Socket client = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        byte[] message = new byte[64];
        int waiting = await client.ReceiveAsync(message, reads ? SocketFlags.None : SocketFlags.Peek, TestContext.Current.CancellationToken);
        Assert.NotEqual(0, waiting);
        while (reads && client.Available > 0)
            await client.ReceiveAsync(message, TestContext.Current.CancellationToken);
    }

    private sealed class SocketPlace : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-socket-").FullName;

        public string Path => System.IO.Path.Combine(_folder, "pcscd.comm");

        public Socket Bind()
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(Path));
            return socket;
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}

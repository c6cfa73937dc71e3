using System.Diagnostics;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Relay;
using HardwareChat.Terminal.Demo;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;
using Microsoft.Extensions.Logging;

namespace HardwareChat.Terminal.Tests;

/// <summary>A relay, alice's vault for processes of hwchat, and bob, who is in a room with her and lives in the test.</summary>
public sealed class ProgramHouse : IAsyncLifetime
{
    public const string Title = "the shed";

    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "hwchat");

    private RelayApplication? _relay;
    private DemoPerson? _bob;

    public string Folder { get; } = Directory.CreateTempSubdirectory("hwchat-program-test-").FullName;

    public string Room { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        string data = Path.Combine(Folder, "relay");
        Directory.CreateDirectory(data);
        _relay = RelayApplication.Build(new RelayOptions { Listen = "127.0.0.1:0", Data = data }, SqliteStore.Open(Path.Combine(data, "relay.db")), static builder => builder.Logging.ClearProviders());
        await _relay.StartAsync();
        var cards = new SimulatedCardStore(Path.Combine(Folder, "sim"));
        using SimulatedAttestationRoot root = cards.OpenRoot();
        _bob = await DemoPerson.CreateAsync("bob", cards, new AutomaticTouch(), Folder, static _ => { });
        await using (DemoPerson alice = await DemoPerson.CreateAsync("alice", cards, new AutomaticTouch(), Folder, static _ => { }))
        {
            await alice.FoundAsync(_relay.SetupLink!, new RegistryPolicy { Version = 0, AttestationRoots = [root.Certificate.RawData] });
            await alice.Client.ConnectAsync();
            using InviteLink invite = await alice.Client.InviteAsync(Handle.Parse("bob"), TimeSpan.FromDays(1));
            await _bob.EnrolAsync(invite);
            await _bob.Client.ConnectAsync();
            RoomId room = await alice.Client.CreateRoomAsync(Title, RoomSettings.Standard);
            Room = room.ToString();
            await alice.Client.AddAsync(room, Handle.Parse("bob"));
            await _bob.SeesAsync<ClientEvent.Invited>("the invitation", static _ => true);
            await _bob.Client.AcceptAsync(room);
            await alice.SeesAsync<ClientEvent.Message>("bob's hello", static message => message.Content is HelloContent && !message.IsOwn);
        }
        await File.WriteAllTextAsync(Path.Combine(Folder, "pin"), "123456\n");
    }

    public async ValueTask DisposeAsync()
    {
        if (_bob is not null)
            await _bob.DisposeAsync();
        if (_relay is not null)
            await _relay.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>bob says something; returns its id.</summary>
    public async Task<string> BobSaysAsync(string text)
        => (await _bob!.Client.SendAsync(_bob.Client.Rooms.Single(room => room.Id.ToString() == Room).Id, new MessageContent(text, TextFormat.Plain))).ToString();

    /// <summary>Starts hwchat over alice's vault.</summary>
    public Process Start(string arguments, string around = "{0}")
    {
        string command = string.Format(System.Globalization.CultureInfo.InvariantCulture, around, $"{Executable} {arguments} --vault {Folder}/alice.vault --token sim:alice --pin-fd 3 3<{Folder}/pin");
        var start = new ProcessStartInfo("sh", ["-c", around == "{0}" ? $"exec {command}" : command]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HWCHAT_SIM_HOME"] = Path.Combine(Folder, "sim");
        return Process.Start(start)!;
    }

    /// <summary>Runs hwchat over alice's vault to its end.</summary>
    public async Task<(int Code, string Output, string Error)> RunAsync(string arguments, string input = "", string around = "{0}")
    {
        using Process process = Start(arguments, around);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, error);
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Relay;
using HardwareChat.Terminal.Demo;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;
using Microsoft.Extensions.Logging;

namespace HardwareChat.Terminal.Tests;

/// <summary>"hwchat" over a vault on disk, a simulated token and a relay: the PIN is asked for, the relay comes and goes.</summary>
public sealed partial class ProfileTests : IAsyncLifetime
{
    private const int Hangup = 1;
    private const int Terminate = 15;

    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "hwchat");

    private readonly string _folder = Directory.CreateTempSubdirectory("hwchat-profile-test-").FullName;
    private RelayApplication? _relay;

    private string Vault => Path.Combine(_folder, "alice.vault");

    private string Arguments => $"--vault {Vault} --token sim:alice";

    public async ValueTask InitializeAsync()
    {
        string data = Path.Combine(_folder, "relay");
        Directory.CreateDirectory(data);
        _relay = RelayApplication.Build(new RelayOptions { Listen = "127.0.0.1:0", Data = data }, SqliteStore.Open(Path.Combine(data, "relay.db")), static builder => builder.Logging.ClearProviders());
        await _relay.StartAsync();
        var cards = new SimulatedCardStore(Path.Combine(_folder, "sim"));
        using SimulatedAttestationRoot root = cards.OpenRoot();
        await using DemoPerson alice = await DemoPerson.CreateAsync("alice", cards, new AutomaticTouch(), _folder, static _ => { });
        await alice.FoundAsync(_relay.SetupLink!, new RegistryPolicy { Version = 0, AttestationRoots = [root.Certificate.RawData] });
        await alice.Client.ConnectAsync();
        RoomId room = await alice.Client.CreateRoomAsync("the shed", RoomSettings.Standard);
        await alice.Client.SendAsync(room, new MessageContent("remember the rake", TextFormat.Plain));
    }

    public async ValueTask DisposeAsync()
    {
        if (_relay is not null)
            await _relay.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_pin_is_asked_for_unseen_and_the_connection_is_always_in_sight()
    {
        using TmuxTerminal terminal = TmuxTerminal.Open($"TERM=screen-256color HWCHAT_SIM_HOME={_folder}/sim");
        terminal.Type($"{Executable} {Arguments}; echo ended with $?");
        Assert.Contains("tries left", await terminal.WaitForAsync("to open the vault"), StringComparison.Ordinal);

        terminal.Type("654321");
        string asked = await terminal.WaitForAsync("That PIN was wrong.");
        Assert.DoesNotContain("654321", asked, StringComparison.Ordinal);
        terminal.Write("123456");
        await terminal.WaitForAsync("> ******");
        terminal.Press("Enter");
        string shown = await terminal.WaitForAsync("you: remember the rake");
        Assert.StartsWith(" the shed  (", shown, StringComparison.Ordinal);
        await terminal.WaitForAsync("online");

        await _relay!.DisposeAsync();
        _relay = null;
        await terminal.WaitForAsync(" offline: ");
        terminal.Type("does anybody hear me");
        await terminal.WaitForAsync("(waits for a connection)");
        terminal.Press("C-d");
        await terminal.WaitForAsync("ended with 0");
        await terminal.AssertSaneAsync();
    }

    [Fact]
    public async Task A_pin_can_be_left_and_a_signal_leaves_a_sane_terminal()
    {
        using TmuxTerminal terminal = TmuxTerminal.Open($"NO_COLOR=1 TERM=screen-256color HWCHAT_SIM_HOME={_folder}/sim");
        terminal.Type($"{Executable} {Arguments}; echo ended with $?");
        await terminal.WaitForAsync("to open the vault");
        terminal.Press("Escape");
        string screen = await terminal.WaitForAsync("ended with 1");
        Assert.Contains("error: given up; nothing was signed", screen, StringComparison.Ordinal);
        await terminal.AssertSaneAsync();

        foreach (int signal in (int[])[Terminate, Hangup])
        {
            terminal.Type($"clear; {Executable} {Arguments}; echo ended with $?");
            await terminal.WaitForAsync("to open the vault");
            terminal.Type("123456");
            await terminal.WaitForAsync("you: remember the rake");
            Assert.DoesNotMatch("\x1b\\[[0-9;]*\\b3[0-7]m", terminal.ColouredScreen());

            Assert.Equal(0, SendSignal(terminal.ProgramId(), signal));

            await terminal.WaitForAsync("ended with 130");
            await terminal.AssertSaneAsync();
        }
    }

    [Fact]
    public async Task Line_mode_takes_the_pin_from_a_descriptor_and_never_tries_another()
    {
        (int code, string output, string error) = await RunAsync("123456", "shovel too\n/history\n");
        Assert.Equal("", error);
        Assert.Equal(0, code);
        Assert.Contains("you: remember the rake\n", output, StringComparison.Ordinal);
        Assert.Matches("#[0-9]+ you: shovel too\n", output);

        (code, output, error) = await RunAsync("654321", "never said\n");
        Assert.Equal(1, code);
        Assert.Equal("error: given up; nothing was signed\n", error);
        Assert.DoesNotContain("never said", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vault_that_is_not_there_is_an_error_line()
    {
        File.Delete(Vault);

        (int code, _, string error) = await RunAsync("123456", "");

        Assert.Equal(1, code);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string pin, string input)
    {
        string pinFile = Path.Combine(_folder, "pin");
        await File.WriteAllTextAsync(pinFile, pin + "\n");
        var start = new ProcessStartInfo("sh", ["-c", $"exec {Executable} {Arguments} --plain --pin-fd 3 3<{pinFile}"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HWCHAT_SIM_HOME"] = Path.Combine(_folder, "sim");
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, error);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}

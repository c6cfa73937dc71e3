using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.EndToEnd.Tests.Secrets;

/// <summary>Secrets are planted in a client's process, and looked for in its memory, its files, the relay's and all that it says. What may be where: docs/ASSURANCE.md, "Secrets".</summary>
public sealed class SecretHuntTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What each place may hold; whatever else is found fails the test.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["memory, open"] = ["PIN", "session key", "channel key", "vault key", "key of the phrase", "message"],
        ["memory, closed"] = ["message"],
        ["vault"] = [],
        ["relay"] = [],
        ["card's file"] = ["PIN"],
        ["output"] = [],
        ["exceptions"] = [],
    };

    [Fact]
    public async Task Planted_secrets_are_found_in_no_place_but_the_documented_ones()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "another process's memory is read through /proc");
        await using Village village = await Village.FoundAsync();
        string phrase = string.Join(' ', Enumerable.Range(0, 6).Select(static _ => Planted.RandomText(7)));
        var parameters = PhraseParameters.Create(1);
        RoomId room = await village.Alice.Client.CreateRoomAsync("kitchen", new RoomSettings(new Door.Phrase(parameters), Who.Admins, []), phrase.AsMemory());
        byte[] psk = new byte[Phrase.PskSize];
        Phrase.Derive(phrase, room, parameters, psk);
        string pin = RandomNumberGenerator.GetString("0123456789", 8);
        string said = $"{Planted.RandomText(20)} {Planted.RandomText(20)}";

        using var folder = new Folder();
        folder.Put("invite", await village.Alice.InviteAsync("bob"));
        folder.Put("room", Convert.ToHexString(room.Value.ToArray()));
        folder.Put("tokens", village.TokenFolder);
        folder.Put("phrase", phrase);
        folder.Put("pin", pin);
        folder.Put("wrong-pin", RandomNumberGenerator.GetString("0123456789", 8));
        folder.Put("said", said);

        var table = new List<(string Place, Dictionary<string, int> Found)>();
        using Process life = Start(folder.Path, out StringBuilder output);
        try
        {
            Assert.SkipUnless(ProcessMemory.CanBeRead(life.Id), "this system lets nobody read another process's memory");
            await folder.WaitAsync("living", life, output, Patience);
            await village.Alice.ReadsAsync(said);
            Planted[] secrets =
            [
                Planted.Text("PIN", pin), Planted.Text("phrase", phrase), Planted.Bytes("key of the phrase", psk), Planted.Text("message", said),
                Planted.Bytes("session key", folder.Told("session-key")), Planted.Bytes("channel key", folder.Told("channel-key")), Planted.Bytes("vault key", folder.Told("vault-key")),
            ];
            table.Add(("memory, open", ProcessMemory.Count(life.Id, secrets)));
            folder.Put("living-seen", "");
            await folder.WaitAsync("closed", life, output, Patience);
            table.Add(("memory, closed", ProcessMemory.Count(life.Id, secrets)));
            folder.Put("closed-seen", "");
            await life.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
            table.Add(("vault", folder.Count("bob.vault*", secrets)));
            table.Add(("card's file", Folder.CountIn(Directory.GetFiles(village.TokenFolder, "bob*"), secrets)));
            table.Add(("exceptions", folder.Count("exceptions", secrets)));
            table.Add(("relay", village.CountInRelayFiles(file => Folder.CountIn(file, secrets))));
            table.Add(("output", secrets.ToDictionary(static secret => secret.Name, secret => secret.CountIn(Encoding.UTF8.GetBytes(output.ToString())))));
        }
        finally
        {
            if (!life.HasExited)
                life.Kill();
        }

        foreach ((string place, Dictionary<string, int> found) in table)
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{place}: {string.Join(", ", found.Select(static secret => $"{secret.Key} {secret.Value}"))}"));

        // The hunt itself works: what must be in the open process was found there.
        Assert.Contains(table, static row => row.Place == "memory, open" && row.Found["session key"] > 0 && row.Found["message"] > 0);
        Assert.Equal(Allowed.Keys.Order(), table.Select(static row => row.Place).Order());
        Assert.All(table, static row => Assert.Empty(row.Found.Where(static secret => secret.Value > 0).Select(static secret => secret.Key).Except(Allowed[row.Place])));
    }

    private static Process Start(string folder, out StringBuilder output)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "HardwareChat.EndToEnd.Tests");
        string method = $"HardwareChat.EndToEnd.Tests.Secrets.{nameof(SecretLife)}.{nameof(SecretLife.Lives_with_planted_secrets)}";
        var start = new ProcessStartInfo(program, ["-noLogo", "-noColor", "-explicit", "only", "-method", method]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[SecretLife.FolderVariable] = folder;
        Process process = Process.Start(start) ?? throw new InvalidOperationException("The other process did not start.");
        var lines = new StringBuilder();
        process.OutputDataReceived += Take;
        process.ErrorDataReceived += Take;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        output = lines;
        return process;

        void Take(object sender, DataReceivedEventArgs line)
        {
            lock (lines)
                lines.AppendLine(line.Data);
        }
    }

    /// <summary>What the two processes have between them.</summary>
    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("hwchat-secrets-").FullName;

        public static Dictionary<string, int> CountIn(IEnumerable<string> files, IReadOnlyList<Planted> secrets)
        {
            byte[][] contents = [.. files.Where(static file => !file.EndsWith("lock", StringComparison.Ordinal)).Select(File.ReadAllBytes)];
            Assert.Contains(contents, static content => content.Length > 0);
            return secrets.ToDictionary(static secret => secret.Name, secret => contents.Sum(content => secret.CountIn(content)));
        }

        public void Put(string name, string text) => SecretLife.Put(Path, name, Encoding.UTF8.GetBytes(text));

        public byte[] Told(string name) => [.. File.ReadAllBytes(System.IO.Path.Combine(Path, name)).Select(static masked => (byte)(masked ^ SecretLife.Mask))];

        public Dictionary<string, int> Count(string pattern, IReadOnlyList<Planted> secrets)
            => CountIn(Directory.GetFiles(Path, pattern), secrets);

        public async Task WaitAsync(string name, Process life, StringBuilder output, TimeSpan patience)
        {
            long begin = Stopwatch.GetTimestamp();
            while (!File.Exists(System.IO.Path.Combine(Path, name)))
            {
                if (life.HasExited || Stopwatch.GetElapsedTime(begin) > patience)
                    Assert.Fail($"the other process did not come to '{name}':\n{output}");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}

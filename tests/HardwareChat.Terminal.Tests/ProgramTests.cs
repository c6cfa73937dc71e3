using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace HardwareChat.Terminal.Tests;

/// <summary>"hwchat json" and the verbs, as processes over one vault: killed, cut off, fed with rubbish.</summary>
public sealed class ProgramTests(ProgramHouse house) : IClassFixture<ProgramHouse>
{
    [Fact]
    public async Task Nothing_is_lost_and_nothing_comes_twice_when_the_program_is_killed()
    {
        // Killed in the midst of a command, a little later each time; asked again under the same key.
        string since = "start";
        List<string> heard = [];
        for (int round = 0; round < 2; round++)
        {
            string line = $$"""{"id":"send","do":"send","room":"{{house.Room}}","text":"round {{round}}","key":"round-{{round}}"}""";
            using (Program killed = Program.Of(house.Start("json")))
            {
                await killed.UntilAsync("link", "online");
                killed.Say(line);
                await Task.Delay(round * 20, TestContext.Current.CancellationToken);
                killed.Kill();
            }
            await house.BobSaysAsync($"bob {round}");
            using Program again = Program.Of(house.Start("json"));
            again.Say($$"""{"id":"sub","do":"subscribe","since":"{{since}}"}""");
            again.Say(line);
            JsonElement answer = await again.AnswerAsync("send");
            Assert.True(answer.GetProperty("ok").GetBoolean());
            Assert.Equal("stored", answer.GetProperty("state").GetString());
            int bob = round;
            await again.UntilAsync(told => told.TryGetProperty("text", out JsonElement text) && text.GetString() == $"bob {bob}");
            (int code, IReadOnlyList<JsonElement> all) = await again.EndAsync();
            Assert.Equal(0, code);
            JsonElement[] events = [.. all.Where(static told => told.TryGetProperty("cursor", out _) && told.TryGetProperty("room", out _) && told.TryGetProperty("ev", out _))];
            heard.AddRange(events.Where(static told => told.TryGetProperty("text", out _)).Select(static told => told.GetProperty("text").GetString()!));
            since = events[^1].GetProperty("cursor").GetString()!;
        }

        string[] wanted = ["bob 0", "bob 1", "round 0", "round 1"];
        Assert.Equal(wanted, heard.Where(wanted.Contains).Order(StringComparer.Ordinal));
        (_, string history, _) = await house.RunAsync($"read {house.Room} --offline");
        Assert.All(wanted, said => Assert.Single(history.Split('\n'), line => line.EndsWith($": {said}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_was_acknowledged_does_not_come_again_and_the_rest_does()
    {
        string first = await house.BobSaysAsync("one");
        string second = await house.BobSaysAsync("two");
        string Cursor(IReadOnlyList<JsonElement> lines, string msg) => lines.Single(line => line.TryGetProperty("msg", out JsonElement name) && name.GetString() == msg && line.TryGetProperty("cursor", out _)).GetProperty("cursor").GetString()!;

        using Program one = Program.Of(house.Start("json"));
        one.Say("""{"id":"s","do":"subscribe"}""");
        await one.UntilAsync(told => told.TryGetProperty("msg", out JsonElement name) && name.GetString() == second);
        one.Say($$"""{"id":"a","do":"ack","cursor":"{{Cursor(one.Lines, first)}}"}""");
        Assert.True((await one.AnswerAsync("a")).GetProperty("ok").GetBoolean());
        one.Say("""{"id":"b","do":"ack","cursor":"c:999999"}""");
        Assert.Equal("cursor.unknown", Code(await one.AnswerAsync("b")));
        one.Kill();

        using Program two = Program.Of(house.Start("json"));
        two.Say("""{"id":"s","do":"subscribe"}""");
        await two.UntilAsync(told => told.TryGetProperty("msg", out JsonElement name) && name.GetString() == second);
        (_, IReadOnlyList<JsonElement> lines) = await two.EndAsync();
        Assert.DoesNotContain(lines, line => line.TryGetProperty("msg", out JsonElement name) && name.GetString() == first);
        Assert.Equal("bye", lines[^1].GetProperty("ev").GetString());
    }

    [Fact]
    public async Task Rubbish_is_answered_and_the_next_line_is_done()
    {
        using Program program = Program.Of(house.Start("json"));
        program.Say(new string('x', 3_000_000));
        program.Write([(byte)'{', 0xFF, 0xFE, (byte)'\n']);
        program.Say("""{"id":"1","do":"send","room":"00","text":"x"}""");
        program.Say($$"""{"id":"2","do":"send","room":"{{house.Room}}","text":"x","reply_to":"{{new string('0', 64)}}"}""");
        program.Say($$"""{"id":"3","do":"send","room":"{{new string('0', 64)}}","text":"x"}""");
        program.Say($$"""{"id":"4","do":"react","room":"{{house.Room}}","msg":"{{new string('0', 64)}}","emoji":"ab"}""");
        program.Say("""{"id":"5","do":"file.put","room":"00","path":"/nowhere"}""");
        program.Say($$"""{"id":"6","do":"who","room":"{{house.Room}}"}""");
        program.Say("""{"do":"ack","cursor":"c:0"}""");
        (int code, IReadOnlyList<JsonElement> lines) = await program.EndAsync();

        Assert.Equal(0, code);
        Assert.Equal(["hello", "token", "ready"], lines.Take(3).Select(static line => line.GetProperty("ev").GetString()));
        Assert.Equal(["request.too_long", "request.malformed"], lines.Where(static line => line.TryGetProperty("ok", out _) && !line.TryGetProperty("id", out _)).Select(Code));
        string?[] codes = [.. Enumerable.Range(1, 5).Select(id => Code(lines.Single(line => line.TryGetProperty("id", out JsonElement name) && name.GetString() == $"{id}")))];
        Assert.Equal(["request.bad_value", "message.unknown", "room.unknown", "request.bad_value", "request.bad_value"], codes);
        JsonElement who = lines.Single(static line => line.TryGetProperty("people", out _));
        Assert.Equal(["alice", "bob"], who.GetProperty("people").EnumerateArray().Select(static person => person.GetProperty("user").GetString()));
    }

    [Fact]
    public async Task Two_processes_do_not_share_a_vault_and_the_second_says_so()
    {
        using Program first = Program.Of(house.Start("json"));
        await first.UntilAsync("ready");

        (int code, string output, string error) = await house.RunAsync("rooms");
        Assert.Equal((4, ""), (code, output));
        Assert.Matches("^error: The vault .* is open in process [0-9]+; one process at a time may hold it\nhint: ", error);
        (code, output, _) = await house.RunAsync("json");
        Assert.Equal(4, code);
        JsonElement bye = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal("vault.in_use", Code(bye));

        Assert.Equal(0, (await first.EndAsync()).Code);
    }

    [Fact]
    public async Task Verbs_say_read_and_list()
    {
        (int code, string sent, string error) = await house.RunAsync("send 'the shed' 'a *rake* for @bob' --key once");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches("^#[0-9]+\n$", sent);
        Assert.Equal((0, sent, ""), await house.RunAsync("send 'the shed' 'a *rake* for @bob' --key once"));

        (code, string output, _) = await house.RunAsync("send 'the sh' --json", "from a pipe\nof two lines\n");
        Assert.Equal(0, code);
        ulong number = JsonDocument.Parse(output).RootElement.GetProperty("seq").GetUInt64();
        (_, output, _) = await house.RunAsync($"read 'the shed' --since {number - 1}");
        Assert.Matches($"^[-0-9]+ [:0-9]+ #{number} you: from a pipe\n  of two lines\n$", output);
        (_, output, _) = await house.RunAsync($"read 'the shed' --since {number - 1} --json --offline");
        Assert.Equal("from a pipe\nof two lines", JsonDocument.Parse(output).RootElement.GetProperty("text").GetString());

        Assert.Equal("alice: you\nbob: not verified\n", (await house.RunAsync("who 'the shed' --offline")).Output);
        (code, output, error) = await house.RunAsync("send nowhere hello");
        Assert.Equal((3, "", "error: you have no room \"nowhere\"\nhint: hwchat rooms lists those you have\n"), (code, output, error));
        (code, _, error) = await house.RunAsync("send");
        Assert.Equal(2, code);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_sent_and_saved_and_a_closed_pipe_ends_a_follower()
    {
        byte[] bytes = [.. Enumerable.Range(0, 200_000).Select(static i => (byte)(i % 251))];
        string file = Path.Combine(house.Folder, "notes.bin");
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        (int code, string sent, string error) = await house.RunAsync($"file send 'the shed' {file}");
        Assert.Equal((0, ""), (code, error));
        string folder = Directory.CreateDirectory(Path.Combine(house.Folder, "saved")).FullName;
        (code, string output, error) = await house.RunAsync($"file save 'the shed' {sent.Trim('#', '\n')} {folder}");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(output.TrimEnd(), TestContext.Current.CancellationToken));

        (_, output, _) = await house.RunAsync("read 'the shed' --follow", around: $"{{{{ {{0}}; echo $? > {house.Folder}/code; }}}} | head -n 1");
        Assert.Single(output.TrimEnd().Split('\n'));
        Assert.Equal("141\n", await File.ReadAllTextAsync(Path.Combine(house.Folder, "code"), TestContext.Current.CancellationToken));
    }

    private static string? Code(JsonElement line) => line.TryGetProperty("error", out JsonElement error) ? error.GetProperty("code").GetString() : null;

    /// <summary>A running "hwchat json".</summary>
    private sealed class Program : IDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        private readonly Process _process;
        private readonly List<JsonElement> _lines = [];
        private readonly Task<string> _error;

        private Program(Process process) => (_process, _error) = (process, process.StandardError.ReadToEndAsync());

        public IReadOnlyList<JsonElement> Lines => _lines;

        public static Program Of(Process process) => new(process);

        public void Say(string line) => Write([.. Encoding.UTF8.GetBytes(line), (byte)'\n']);

        public void Write(byte[] bytes)
        {
            _process.StandardInput.BaseStream.Write(bytes);
            _process.StandardInput.BaseStream.Flush();
        }

        public void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
        }

        public Task<JsonElement> UntilAsync(string ev, string? state = null)
            => UntilAsync(line => line.TryGetProperty("ev", out JsonElement kind) && kind.GetString() == ev && (state is null || line.GetProperty("state").GetString() == state));

        public Task<JsonElement> AnswerAsync(string id) => UntilAsync(line => line.TryGetProperty("ok", out _) && line.TryGetProperty("id", out JsonElement name) && name.GetString() == id);

        public async Task<JsonElement> UntilAsync(Func<JsonElement, bool> isIt)
        {
            long begun = Stopwatch.GetTimestamp();
            for (int at = 0; at < _lines.Count || (Stopwatch.GetElapsedTime(begun) < Patience && await ReadAsync()); at++)
            {
                if (isIt(_lines[at]))
                    return _lines[at];
            }
            throw new InvalidOperationException($"it has ended: {string.Join('\n', _lines.TakeLast(5))} {await _error}");
        }

        public async Task<(int Code, IReadOnlyList<JsonElement> Lines)> EndAsync()
        {
            _process.StandardInput.Close();
            while (await ReadAsync())
            {
            }
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (_process.ExitCode, _lines);
        }

        private async Task<bool> ReadAsync()
        {
            string? text = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
            if (text is not null)
                _lines.Add(JsonDocument.Parse(text).RootElement);
            return text is not null;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                Kill();
            _process.Dispose();
        }
    }
}

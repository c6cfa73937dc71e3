using HardwareChat.Client;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Plain;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Terminal.Tests.Conversation;

/// <summary>The loop of a face, and what is asked of a person in it.</summary>
public static class LoopTests
{
    private static readonly PinRequest Request = new("4711", "connect", new PinState(false, 3, false), WasWrong: false);

    [Fact]
    public static void What_is_awaited_comes_back_to_the_thread_of_the_loop()
    {
        int own = Environment.CurrentManagedThreadId;

        Assert.Equal(3, FaceLoop.Run(async _ =>
        {
            await Task.Run(static () => { });
            Assert.Equal(own, Environment.CurrentManagedThreadId);
            return 3;
        }));
    }

    [Fact]
    public static void What_goes_on_by_itself_and_fails_ends_the_face_with_its_failure()
        => Assert.Throws<InvalidTimeZoneException>(static () => FaceLoop.Run<int>(async loop =>
        {
            loop.Watch(Task.Run(static () => throw new InvalidTimeZoneException()));
            await Task.Delay(Timeout.Infinite);
            return 0;
        }));

    [Fact]
    public static void A_pin_is_asked_for_with_its_tries_and_can_be_left()
    {
        var asked = new List<string>();
        FaceLoop.Run(async loop =>
        {
            var desk = new Desk(loop);
            desk.AskedChanged += () =>
            {
                if (desk.Asked is { } prompt)
                    asked.Add(prompt.Question);
                if (desk.Asked is SecretPrompt secret && asked.Count < 3)
                    Give(desk, secret, asked.Count == 1 ? "12" : "123456");
                else if (desk.Asked is ConfirmPrompt confirm)
                    Answer(desk, confirm);
                else if (desk.Asked is not null)
                    Assert.True(desk.GiveUp());
            };
            using (Tokens.Pin? pin = await ((ITokenFace)desk).AskPinAsync(Request, CancellationToken.None))
                Assert.Equal(6, pin!.Length);
            Assert.Null(await ((ITokenFace)desk).AskPinAsync(Request with { WasWrong = true, State = new PinState(false, 1, false) }, CancellationToken.None));
            return 0;
        });

        Assert.Equal("PIV PIN of token 4711 (not the FIDO PIN), to connect; 3 tries left", asked[0]);
        Assert.StartsWith("A PIN has 6 to 8 characters. ", asked[1], StringComparison.Ordinal);
        Assert.Equal("One wrong PIN more blocks the PIN of token 4711. Go on?", asked[2]);
        Assert.Equal("That PIN was wrong. PIV PIN of token 4711 (not the FIDO PIN), to connect; 1 try is left, then the PIN is blocked", asked[3]);
    }

    [Fact]
    public static void Line_mode_without_a_terminal_gives_no_pin_and_says_how_to()
    {
        using var output = new StringWriter();
        FaceLoop.Run(async loop =>
        {
            var desk = new Desk(loop);
            _ = new PlainFace(desk, loop, new PlainInput(TextReader.Null, isTerminal: false, pinDescriptor: null), output);
            Assert.Null(await ((ITokenFace)desk).AskPinAsync(Request, CancellationToken.None));
            return 0;
        });

        Assert.Contains("there is no terminal to ask at; give the PIN by --pin-fd", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public static void Lines_are_bounded_and_the_next_one_is_read_whole()
    {
        var input = new PlainInput(new StringReader(new string('x', 3_000_000) + "\nnext\r\nlast"), isTerminal: false, pinDescriptor: null);

        Assert.Equal(PlainInput.LineCharacters + 1, input.ReadLine()!.Length);
        Assert.Equal("next", input.ReadLine());
        Assert.Equal("last", input.ReadLine());
        Assert.Null(input.ReadLine());
    }

    [Fact]
    public static void What_cannot_be_done_is_told_and_nothing_ends()
    {
        using var output = new StringWriter();
        FaceLoop.Run(async loop =>
        {
            var desk = new Desk(loop);
            var face = new PlainFace(desk, loop, new PlainInput(new StringReader("hello\n/nonsense\n/help react\n/quit\nnever"), isTerminal: false, pinDescriptor: null), output);
            await face.RunAsync();
            return 0;
        });

        Assert.Equal(
            [
                "error: no room is open: /rooms lists them, /new founds one, /join enters one",
                "error: there is no command /nonsense; /help lists those there are",
                "/react N EMOJI: Reacts to a message with one character.",
                "",
            ],
            output.ToString().Split('\n'));
    }

    private static void Answer(Desk desk, ConfirmPrompt prompt)
    {
        prompt.Give(true);
        desk.Answered(prompt);
    }

    private static void Give(Desk desk, SecretPrompt prompt, string secret)
    {
        var line = new SecretLine();
        line.Append(secret);
        prompt.Give(line);
        desk.Answered(prompt);
    }
}

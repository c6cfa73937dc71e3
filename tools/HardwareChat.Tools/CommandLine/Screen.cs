using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace HardwareChat.Tools;

// What a program may read goes to standard output: the result, and with --json nothing but one JSON object on one line.
// What a person should read goes to standard error: progress, prompts, warnings, errors.

/// <summary>Everything that is printed.</summary>
internal sealed class Screen
{
    // Long lines are for the reader's program to fold when the output is a pipe or a file.
    private const int UnfoldedWidth = 10_000;

    private readonly IAnsiConsole _result;
    private readonly IAnsiConsole _person;

    /// <summary>A screen over the process's own output.</summary>
    /// <param name="json">Whether --json was given.</param>
    public Screen(bool json)
    {
        Json = json;
        _result = Open(Console.Out, Console.IsOutputRedirected);
        _person = Open(Console.Error, Console.IsErrorRedirected);
    }

    /// <summary>The screen of a verb.</summary>
    public Screen(ParseResult parsed)
        : this(parsed.GetValue(CommonOptions.Json))
    {
    }

    public bool Json { get; }

    /// <summary>Whether somebody can be asked: the keyboard and the lines that ask are both a terminal's.</summary>
    public static bool HasPerson => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>Prints the result: as JSON if that was asked for, else as <paramref name="draw"/> draws it.</summary>
    public void Result<T>(T result, JsonTypeInfo<T> type, Action<IAnsiConsole> draw)
    {
        if (Json)
            Console.Out.WriteLine(JsonSerializer.Serialize(result, type));
        else
            draw(_result);
    }

    /// <summary>A line for the person: what is happening.</summary>
    public void Note(string text) => _person.WriteLine(PrintableText.Lines(text));

    /// <summary>A "warning:" line.</summary>
    public void Warning(string text) => Line(_person, "warning:", Color.Yellow, text);

    /// <summary>The "error:" line and the "hint:" lines; with --json also an object with the member "error" on standard output.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="last">Whether the run ends with it; if the person may try again, standard output stays empty.</param>
    public void Failure(FailureException failure, bool last = true)
    {
        Line(_person, "error:", Color.Red, failure.Message);
        foreach (string hint in failure.Hints)
            Line(_person, "hint:", Color.Blue, hint);
        if (!Json || !last)
            return;
        var report = new ErrorReport(new ErrorDetail(failure.Code, (int)failure.Exit, failure.Message, failure.Hints, failure.TriesLeft));
        Console.Out.WriteLine(JsonSerializer.Serialize(report, ToolsJson.Default.ErrorReport));
    }

    /// <summary>Writes to the person's line as it is, without ending it: an echoed key, a countdown.</summary>
    public static void Write(string text) => Console.Error.Write(text);

    /// <summary>An empty table without lines, with these column headings.</summary>
    public static Table Table(params string[] headings)
    {
        Table table = new Table().Border(TableBorder.None);
        foreach (string heading in headings)
            table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))).NoWrap());
        return table;
    }

    /// <summary>An empty list of facts: what, and its value.</summary>
    public static Grid Facts() => new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();

    /// <summary>A row: text from anywhere, made safe to print, with no markup in it.</summary>
    public static Text[] Cells(params string[] texts) => [.. texts.Select(text => new Text(PrintableText.Of(text)))];

    /// <summary>A question; the answer is typed on the same line.</summary>
    public void Ask(string question) => _person.Write(PrintableText.Lines(question));

    /// <summary>A line that begins with a coloured word. The rest may come from anywhere: it is no markup, and made safe to print.</summary>
    public static void Line(IAnsiConsole console, string word, Color colour, string text)
    {
        console.Write(word, new Style(colour));
        console.WriteLine(" " + PrintableText.Lines(text));
    }

    private static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Interactive = InteractionSupport.No,
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected || NoColor ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (redirected)
            console.Profile.Width = UnfoldedWidth;
        return console;
    }

    // https://no-color.org: set to anything but the empty string.
    private static bool NoColor => Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
}

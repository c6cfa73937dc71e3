using System.Text;
using HardwareChat.Client.Content;
using HardwareChat.Terminal.Conversation;

namespace HardwareChat.Terminal.Plain;

/// <summary>What a person, or a program, types into line mode.</summary>
internal sealed class PlainInput
{
    /// <summary>Characters of a line at most: no message is longer.</summary>
    public const int LineCharacters = ContentLimits.TextBytes;

    private readonly TextReader _reader;
    private readonly int? _pinDescriptor;

    /// <summary>Input from a reader.</summary>
    /// <param name="reader">Gives characters; broken UTF-8 has become U+FFFD.</param>
    /// <param name="isTerminal">Whether a person types, so that secrets can be asked for without echo.</param>
    /// <param name="pinDescriptor">An open file descriptor whose first line is the PIN.</param>
    public PlainInput(TextReader reader, bool isTerminal, int? pinDescriptor)
    {
        _reader = reader;
        IsTerminal = isTerminal;
        _pinDescriptor = pinDescriptor;
    }

    /// <summary>Whether a person types.</summary>
    public bool IsTerminal { get; }

    /// <summary>Standard input.</summary>
    public static PlainInput Standard(int? pinDescriptor)
    {
        bool isTerminal = !Console.IsInputRedirected;
        return new PlainInput(isTerminal ? Console.In : new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)), isTerminal, pinDescriptor);
    }

    /// <summary>The next line, read on a thread of its own; null at the end. One longer than <see cref="LineCharacters"/> comes cut, one too long.</summary>
    public Task<string?> ReadLineAsync() => Task.Factory.StartNew(ReadLine, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The next line, here.</summary>
    public string? ReadLine()
    {
        if (IsTerminal)
            return _reader.ReadLine();
        var line = new StringBuilder();
        for (int c; (c = _reader.Read()) != -1;)
        {
            if (c == '\n')
                return line.ToString();
            if (c != '\r' && line.Length <= LineCharacters)
                line.Append((char)c);
        }
        return line.Length > 0 ? line.ToString() : null;
    }

    /// <summary>Asks for a secret without echo; null if the person gives up, or there is nobody to be asked.</summary>
    public SecretLine? ReadSecret(string question, bool isPin, TextWriter output)
    {
        if (isPin && _pinDescriptor is { } descriptor)
            return SecretLine.Of(descriptor);
        if (!IsTerminal)
        {
            if (!isPin)
                return FromNextLine();
            output.WriteLine($"error: {question}: there is no terminal to ask at; give the PIN by --pin-fd");
            return null;
        }
        output.Write($"{question}, not shown (Esc gives up): ");
        output.Flush();
        var line = new SecretLine();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            if (key.Key is ConsoleKey.Enter or ConsoleKey.Escape)
            {
                output.WriteLine();
                if (key.Key == ConsoleKey.Enter)
                    return line;
                line.Dispose();
                return null;
            }
            if (key.Key == ConsoleKey.Backspace)
                line.Backspace();
            else
                line.Append([key.KeyChar]);
        }
    }

    /// <summary>A key that was pressed and not read; null if none was.</summary>
    public static char? HasKey() => Console.KeyAvailable ? Console.ReadKey(intercept: true).KeyChar : null;

    // A pass phrase of a program: the line after the command. Character by character, so that no string is made of it.
    private SecretLine FromNextLine()
    {
        var line = new SecretLine();
        for (int c; (c = _reader.Read()) is not -1 and not '\n';)
            line.Append([(char)c]);
        return line;
    }
}

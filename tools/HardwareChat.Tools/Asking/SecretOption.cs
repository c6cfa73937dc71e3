using System.CommandLine;
using Microsoft.Win32.SafeHandles;

namespace HardwareChat.Tools;

/// <summary>Where a secret comes from when nobody types it: --NAME-fd N reads a line of an open file, --NAME-env VARIABLE an environment variable.</summary>
internal sealed class SecretOption
{
    private readonly Option<int?> _descriptor;
    private readonly Option<string?> _variable;

    /// <summary>The pair of options for one secret.</summary>
    /// <param name="name">Such as "new-pin".</param>
    /// <param name="what">Such as "the new PIN".</param>
    /// <param name="everywhere">Whether the verbs below the command take it too.</param>
    public SecretOption(string name, string what, bool everywhere = false)
    {
        _descriptor = new Option<int?>($"--{name}-fd")
        {
            Description = $"Read {what} as a line from this open file descriptor (0 is standard input); secrets of one descriptor are read in the order in which they are asked for.",
            HelpName = "N",
            Recursive = everywhere,
            CustomParser = argument => Numbers.Count(argument),
        };
        _variable = new Option<string?>($"--{name}-env")
        {
            Description = $"Take {what} from this environment variable. Other programs of yours may read it.",
            HelpName = "VARIABLE",
            Recursive = everywhere,
        };
    }

    /// <summary>The options' names, for hints.</summary>
    public string Names => $"{_descriptor.Name} N or {_variable.Name} VARIABLE";

    /// <summary>Adds both options to the command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_descriptor);
        command.Add(_variable);
    }

    /// <summary>Whether the command line says where the secret comes from.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_descriptor) is not null || parsed.GetValue(_variable) is not null;

    /// <summary>Whether the command line says that it comes from an open file.</summary>
    public bool IsGivenAsDescriptor(System.CommandLine.Parsing.CommandResult parsed) => parsed.GetValue(_descriptor) is not null;

    /// <summary>The secret, as the command line says.</summary>
    /// <exception cref="FailureException">It is not there.</exception>
    public SecretLine Read(ParseResult parsed, Screen screen)
    {
        if (parsed.GetValue(_descriptor) is { } descriptor)
            return ReadDescriptor(descriptor);
        string variable = parsed.GetValue(_variable)!;
        screen.Warning($"{_variable.Name}: other programs of this user can read environment variables; prefer {_descriptor.Name}.");
        string value = Environment.GetEnvironmentVariable(variable)
            ?? throw new FailureException(ExitCode.Input, "secret-missing", $"the environment variable {PrintableText.Of(variable)} is not set.");
        var line = new SecretLine();
        foreach (char next in value)
        {
            if (!char.IsAscii(next) || !line.TryAppend((byte)next))
            {
                line.Dispose();
                throw new FailureException(ExitCode.Input, "secret-malformed", $"{PrintableText.Of(variable)} is too long, or not ASCII; the token was not asked.");
            }
        }
        return line;
    }

    // Byte by byte and unbuffered: what follows the line belongs to the next secret, or to somebody else.
    private SecretLine ReadDescriptor(int descriptor)
    {
        var line = new SecretLine();
        try
        {
            using var file = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Read, bufferSize: 0);
            bool any = false;
            while (file.ReadByte() is >= 0 and int next)
            {
                any = true;
                if (next == '\n')
                    break;
                if (next != '\r' && !line.TryAppend((byte)next))
                    throw new FailureException(ExitCode.Input, "secret-malformed", $"the line of {_descriptor.Name} {descriptor} is longer than {SecretLine.Longest} bytes; the token was not asked.");
            }
            return any ? line : throw new FailureException(ExitCode.Input, "secret-missing", $"{_descriptor.Name} {descriptor} gave no line.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            line.Dispose();
            throw new FailureException(ExitCode.Input, "secret-missing", $"file descriptor {descriptor} of {_descriptor.Name} cannot be read.", unreadable);
        }
        catch (FailureException)
        {
            line.Dispose();
            throw;
        }
    }
}

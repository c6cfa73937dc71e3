using System.CommandLine;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

/// <summary>Which management key opens a token now, and which shall open it from then on.</summary>
internal static class ManagementKeyChoice
{
    public static readonly SecretOption Current = new("management-key", "the management key, in hexadecimal,");
    public static readonly SecretOption New = new("new-management-key", "a new management key, in hexadecimal, which you keep,");

    /// <summary>--keep-management-key</summary>
    public static readonly Option<bool> Keep = new("--keep-management-key") { Description = "Leave the management key as it is." };

    public static void AddTo(Command command)
    {
        Current.AddTo(command);
        New.AddTo(command);
        command.Add(Keep);
    }

    /// <summary>The right to administer: the key given, the one that the token keeps behind its PIN, the factory's, or one that is asked for.</summary>
    public static async Task<(Administration Right, ManagementKey? Key)> OpenAsync(
        ParseResult parsed, Screen screen, OpenedToken token, ManagementKeyMetadata metadata, Pin pin, CancellationToken cancellation)
    {
        if (!Current.IsGiven(parsed))
        {
            if (metadata.IsStored)
                return (Administration.StoredBehind(pin), null);
            // The factory's key is known to everybody and has no counter of tries, so trying it costs and tells nothing.
            if (metadata.IsDefault != false)
                return (Administration.FactoryDefault, null);
        }
        ManagementKey key = await ReadAsync(
            parsed, screen, Current, metadata.Algorithm, $"Management key of {token.Spoken}, {metadata.Algorithm}, in hexadecimal: ", cancellation);
        return (Administration.With(key), key);
    }

    /// <summary>Changes the management key as the command line says, and gives the right to administer from then on.</summary>
    /// <returns>"kept", "given", or "behind the PIN".</returns>
    public static async Task<(Administration Right, string Now)> ChangeAsync(
        ParseResult parsed, Screen screen, OpenedToken token, ManagementKeyMetadata metadata, Administration right, Pin pin, CancellationToken cancellation)
    {
        if (New.IsGiven(parsed))
        {
            ManagementKey replacement = await ReadAsync(parsed, screen, New, metadata.Algorithm, "", cancellation);
            await token.Face.ChangeManagementKeyAsync(replacement, right, cancellation);
            return (Administration.With(replacement), "given");
        }
        if (parsed.GetValue(Keep) || Current.IsGiven(parsed))
            return (right, "kept");
        if (metadata.IsStored)
            return (right, "behind the PIN");
        await token.Face.ProtectManagementKeyAsync(pin, right, cancellation);
        return (Administration.StoredBehind(pin), "behind the PIN");
    }

    private static async Task<ManagementKey> ReadAsync(
        ParseResult parsed, Screen screen, SecretOption option, PivAlgorithm algorithm, string prompt, CancellationToken cancellation)
    {
        if (!option.IsGiven(parsed) && !Screen.HasPerson)
        {
            throw new FailureException(
                ExitCode.ManagementKeyWrong, "management-key-missing", $"this needs the token's management key ({algorithm}), and there is no terminal to ask at.", $"give it with {option.Names}");
        }
        if (!option.IsGiven(parsed))
            screen.Ask(prompt);
        using SecretLine line = option.IsGiven(parsed) ? option.Read(parsed, screen) : await TerminalInput.ReadHiddenLineAsync(cancellation);
        return FromHexadecimal(line, algorithm);
    }

    private static ManagementKey FromHexadecimal(SecretLine line, PivAlgorithm algorithm)
    {
        int size = ManagementKey.SizeOf(algorithm);
        Span<byte> key = stackalloc byte[32];
        try
        {
            if (line.Span.Length != 2 * size || Convert.FromHexString(line.Span, key, out _, out int written) != System.Buffers.OperationStatus.Done || written != size)
            {
                throw new FailureException(
                    ExitCode.ManagementKeyWrong, "management-key-malformed", $"a management key of {algorithm} is {2 * size} hexadecimal digits; the token was not asked.");
            }
            return new ManagementKey(algorithm, key[..size]);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
        }
    }
}

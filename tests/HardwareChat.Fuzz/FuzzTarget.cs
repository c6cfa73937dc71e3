using System.Reflection;
using HardwareChat.Mls;
using HardwareChat.Wire;

namespace HardwareChat.Fuzz;

/// <summary>One entry for untrusted bytes: it returns, or refuses them by one of the two exceptions that they may cause.</summary>
public delegate void FuzzEntry(ReadOnlySpan<byte> data);

/// <summary>A decoder or state machine that meets untrusted bytes, with the name under which its corpus lies.</summary>
/// <param name="Name">Such as "Tokens.CommandApdu".</param>
/// <param name="Entry">Its <c>static void Fuzz(ReadOnlySpan&lt;byte&gt;)</c>.</param>
public sealed record FuzzTarget(string Name, FuzzEntry Entry)
{
    private const string Prefix = "HardwareChat.";
    private const string Terminal = "hwchat";

    private static readonly string[] Libraries =
        [Prefix + "Wire", Prefix + "Attestation", Prefix + "Tokens", Prefix + "Mls", Prefix + "Protocol", Prefix + "Enrolment", Prefix + "Client", Prefix + "Fuzz", Terminal];

    /// <summary>Runs one input. Whatever leaves this method is a find.</summary>
    public void Run(ReadOnlySpan<byte> data)
    {
        try
        {
            Entry(data);
        }
        catch (DecodeException)
        {
            // Malformed bytes.
        }
        catch (ValidationException)
        {
            // Well-formed bytes that break a rule of MLS.
        }
    }

    /// <summary>Every target, by name: each <c>Fuzz</c> entry of our libraries is one, so that none can be forgotten.</summary>
    public static IReadOnlyDictionary<string, FuzzTarget> All { get; } = Libraries
        .Select(Assembly.Load)
        .SelectMany(library => library.GetTypes())
        .Select(Find)
        .OfType<FuzzTarget>()
        .ToDictionary(target => target.Name, StringComparer.Ordinal);

    /// <summary>The folder of the corpora in the source tree, where there is one above <paramref name="start"/>.</summary>
    public static string FindCorpora(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            string corpora = Path.Combine(folder.FullName, "tests", "HardwareChat.Fuzz", "corpus");
            if (Directory.Exists(corpora))
                return corpora;
        }

        throw new DirectoryNotFoundException("no tests/HardwareChat.Fuzz/corpus above the executable");
    }

    private static FuzzTarget? Find(Type type)
    {
        MethodInfo? entry = type.GetMethod(
            "Fuzz", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly, [typeof(ReadOnlySpan<byte>)]);
        if (entry is null || type.ContainsGenericParameters)
            return null;
        string assembly = type.Assembly.GetName().Name!;
        string library = assembly == Terminal ? nameof(Terminal) : assembly[Prefix.Length..];
        return new FuzzTarget($"{library}.{type.Name}", entry.CreateDelegate<FuzzEntry>());
    }
}

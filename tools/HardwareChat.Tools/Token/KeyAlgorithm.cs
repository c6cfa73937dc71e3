using System.CommandLine;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

/// <summary>The names of key algorithms on the command line and in JSON.</summary>
internal static class KeyAlgorithm
{
    private static readonly Dictionary<string, PivAlgorithm> Names = new(StringComparer.Ordinal)
    {
        ["p256"] = PivAlgorithm.EccP256,
        ["p384"] = PivAlgorithm.EccP384,
        ["ed25519"] = PivAlgorithm.Ed25519,
        ["x25519"] = PivAlgorithm.X25519,
    };

    /// <summary>--algorithm: for signing keys; a key in 9D agrees, so for it ed25519 means x25519.</summary>
    public static Option<string> Option()
    {
        var option = new Option<string>("--algorithm")
        {
            Description = "The keys' algorithm; ed25519 needs firmware 5.7 (9D then gets x25519).",
            DefaultValueFactory = _ => "p256",
        };
        option.AcceptOnlyFromAmong("p256", "p384", "ed25519");
        return option;
    }

    /// <summary>The algorithm that a slot's key gets.</summary>
    public static PivAlgorithm For(string name, PivSlot slot)
        => slot == PivSlot.KeyManagement && name == "ed25519" ? PivAlgorithm.X25519 : Names[name];

    public static string NameOf(PivAlgorithm algorithm)
        => Names.FirstOrDefault(pair => pair.Value == algorithm).Key ?? algorithm.ToString().ToLowerInvariant();
}

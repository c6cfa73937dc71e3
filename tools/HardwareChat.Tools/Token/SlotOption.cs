using System.CommandLine;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

/// <summary>--slot: 9A, 9C, 9D, 9E, or 82 to 95.</summary>
internal static class SlotOption
{
    public static Option<string> Create(string what)
    {
        var slot = new Option<string>("--slot")
        {
            Description = what,
            HelpName = "9A|9C|9D|9E|82-95",
            DefaultValueFactory = _ => PivSlot.Authentication.ToString(),
        };
        slot.Validators.Add(result =>
        {
            if (!PivSlot.TryParse(result.GetValueOrDefault<string>(), out PivSlot parsed) || parsed == PivSlot.Attestation)
                result.AddError("--slot takes 9A, 9C, 9D, 9E, or 82 to 95.");
        });
        slot.CompletionSources.Add("9A", "9C", "9D", "9E");
        return slot;
    }

    public static PivSlot Of(ParseResult parsed, Option<string> slot)
        => PivSlot.TryParse(parsed.GetRequiredValue(slot), out PivSlot value) ? value : throw new InvalidOperationException("The parser let a bad --slot pass.");
}

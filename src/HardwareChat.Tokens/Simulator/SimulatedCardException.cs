namespace HardwareChat.Tokens.Simulator;

/// <summary>Why a simulated card cannot be had from its file.</summary>
public enum SimulatedCardFault
{
    /// <summary>There is none of this name.</summary>
    NotFound,

    /// <summary>There is one of this name already.</summary>
    Exists,

    /// <summary>Another process has it.</summary>
    InUse,

    /// <summary>Its file is damaged, or of another version of the format.</summary>
    Corrupt,

    /// <summary>The file of the root that signs the cards' attestations is damaged.</summary>
    RootCorrupt,

    /// <summary>Its file is sealed and no pass phrase was given.</summary>
    PassphraseMissing,

    /// <summary>The pass phrase is wrong, or the sealed file was changed.</summary>
    PassphraseWrong,
}

/// <summary>A simulated card cannot be made or had.</summary>
public sealed class SimulatedCardException : TokenException
{
    /// <summary>A fault with the card's file.</summary>
    public SimulatedCardException(SimulatedCardFault fault, string message, Exception? innerException = null)
        : base(message, HintFor(fault), innerException) => Fault = fault;

    /// <summary>Which.</summary>
    public SimulatedCardFault Fault { get; }

    private static string HintFor(SimulatedCardFault fault) => fault switch
    {
        SimulatedCardFault.NotFound => "list the simulated cards, or create one",
        SimulatedCardFault.Exists => "take another name, or delete the card first",
        SimulatedCardFault.InUse => "end the process that has the card",
        SimulatedCardFault.Corrupt => "delete the card and create it anew; what was on it is lost",
        SimulatedCardFault.RootCorrupt => "delete the file: a new root is made, and every card of this folder must be created anew",
        SimulatedCardFault.PassphraseMissing => "give the pass phrase that the card was created with",
        SimulatedCardFault.PassphraseWrong => "try the pass phrase again",
        _ => "",
    };
}

using HardwareChat.Tokens.Apdu;

namespace HardwareChat.Tokens.Simulator;

/// <summary>What an application answers: its whole response, however long, and the status word.</summary>
internal readonly record struct CardAnswer(byte[] Response, StatusWord Status)
{
    public static implicit operator CardAnswer(StatusWord status) => new([], status);

    public static CardAnswer Ok(byte[] response) => new(response, StatusWord.Success);
}

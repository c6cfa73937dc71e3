using HardwareChat.Tokens.Piv;
using Yubico.Core.Iso7816;
using Yubico.YubiKey;
using Yubico.YubiKey.Piv.Commands;

namespace HardwareChat.Tokens.Yubico;

/// <summary>VERIFY without a PIN (SP 800-73-4 Part 2 §3.2.1): whether the PIN is verified, at the cost of no try. The one command that the SDK lacks.</summary>
internal sealed class PinStateCommand : IYubiKeyCommand<PivResponse>
{
    public YubiKeyApplication Application => YubiKeyApplication.Piv;

    public CommandApdu CreateCommandApdu() => new() { Ins = PivInstructions.Verify, P2 = PivInstructions.PinReference };

    public PivResponse CreateResponseForApdu(ResponseApdu responseApdu) => new(responseApdu);
}

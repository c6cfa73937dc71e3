using HardwareChat.Attestation;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

/// <summary>One token: firmware, PIN, PUK, management key, the keys in its slots. Costs no try and no touch.</summary>
internal static class TokenCheck
{
    // YSA-2024-03: until then an ECDSA key can be read out by a laboratory that has the token.
    private static readonly FirmwareVersion SoundEcdsa = new(5, 7, 0);

    public static async Task RunAsync(OpenedToken token, Findings findings, CancellationToken cancellation)
    {
        findings.Token = token.Name;
        CheckFirmware(token, findings);
        await CheckPinAsync(token, findings, cancellation);
        await CheckPukAsync(token, findings, cancellation);
        await CheckManagementKeyAsync(token, findings, cancellation);
        await CheckKeyAsync(token, PivSlot.Authentication, findings, cancellation);
        await CheckKeyAsync(token, PivSlot.KeyManagement, findings, cancellation);
    }

    private static void CheckFirmware(OpenedToken token, Findings findings)
    {
        switch (token.Info.Firmware)
        {
            case null:
                findings.Note("firmware", "not-a-yubikey", $"{token.Spoken} is no YubiKey: it cannot attest its keys, and wants no touch.", "a community decides whether it accepts such a token");
                break;
            case { } old when old < SoundEcdsa:
                findings.Note(
                    "firmware",
                    "firmware-before-5.7",
                    $"{token.Spoken} has firmware {old}: before 5.7.0 its keys can be read out by a laboratory that has the token (YSA-2024-03), and firmware cannot be updated.",
                    "communities refuse it unless an administrator has lowered the minimum: ask, or get a newer token");
                break;
            case { } firmware:
                findings.Ok("firmware", $"{token.Spoken} has firmware {firmware}.");
                break;
        }
    }

    private static async Task CheckPinAsync(OpenedToken token, Findings findings, CancellationToken cancellation)
    {
        PinState pin = await token.Face.GetPinStateAsync(cancellation);
        if (pin.IsBlocked)
            findings.Bad("pin", FailureWords.Blocked(PinKind.Pin));
        else if (pin.IsDefault == true)
            findings.Note("pin", "pin-default", "the PIN is still the factory's, which everybody knows.", "hwchat-tools token init sets your own");
        else if (pin.RetriesLeft == 1)
            findings.Note("pin", "pin-last-try", "the PIN has one try left.", "look it up before you try it; hwchat-tools token pin unblock sets a new one by the PUK");
        else
            findings.Ok("pin", pin.RetriesLeft is { } tries ? $"the PIN has {tries} tries left." : "the PIN is given.");
    }

    private static async Task CheckPukAsync(OpenedToken token, Findings findings, CancellationToken cancellation)
    {
        PukState puk = await token.Face.GetPukStateAsync(cancellation);
        if (puk.IsBlocked)
            findings.Note("puk", "puk-blocked", "the PUK is blocked: a blocked PIN could only be reset, with every key.", "set up a second token of yours now, while this one works");
        else if (puk.IsDefault == true)
            findings.Note("puk", "puk-default", "the PUK is still the factory's: whoever has the token can set a new PIN.", "hwchat-tools token pin change-puk sets your own");
        else if (puk.RetriesLeft is { } tries)
            findings.Ok("puk", $"the PUK has {tries} {(tries == 1 ? "try" : "tries")} left.");
        else
            findings.Note("puk", "puk-untold", "this firmware does not tell how many tries the PUK has.");
    }

    private static async Task CheckManagementKeyAsync(OpenedToken token, Findings findings, CancellationToken cancellation)
    {
        ManagementKeyMetadata key = await token.Face.GetManagementKeyMetadataAsync(cancellation);
        if (key.IsDefault == true)
            findings.Note("management-key", "management-key-default", $"the management key ({key.Algorithm}) is still the factory's: any program here can replace your keys.", "hwchat-tools token management-key makes a random one, kept behind the PIN");
        else if (key.IsStored)
            findings.Ok("management-key", $"the management key ({key.Algorithm}) is kept in the token behind the PIN.");
        else
            findings.Ok("management-key", key.IsDefault is null ? $"this firmware does not tell whether the management key ({key.Algorithm}) is the factory's." : $"the management key ({key.Algorithm}) is one that you keep.");
    }

    private static async Task CheckKeyAsync(OpenedToken token, PivSlot slot, Findings findings, CancellationToken cancellation)
    {
        string check = $"key-{slot}";
        string remake = $"hwchat-tools token init --slot {slot} makes one in the token; the old key is gone then";
        try
        {
            if (await token.Face.GetMetadataAsync(slot, cancellation) is not { } key)
                findings.Note(check, "slot-empty", $"there is no key in {slot}.", "hwchat-tools token init makes it");
            else if (!key.IsGenerated)
                findings.Note(check, "key-unattested", $"the key in {slot} was imported, so nothing can attest it; communities refuse it.", remake);
            else if (!await IsAttestedAsync(token.Face, slot, cancellation))
                findings.Note(check, "key-unattested", $"the token does not attest the key in {slot}; communities refuse it.", remake);
            else if (slot == PivSlot.Authentication && key.TouchPolicy != TouchPolicy.Always)
                findings.Note(check, "touch-policy", $"the key in {slot} does not want a touch each time (touch {Word(key.TouchPolicy)}), and that cannot be changed; communities refuse it.", remake);
            else if (key.PinPolicy == PinPolicy.Never)
                findings.Note(check, "pin-policy", $"the key in {slot} wants no PIN, and that cannot be changed; communities refuse it.", remake);
            else
                findings.Ok(check, $"{KeyAlgorithm.NameOf(key.Algorithm)} in {slot}, attested, PIN {Word(key.PinPolicy)}, touch {Word(key.TouchPolicy)}.");
        }
        catch (FirmwareTooOldException old)
        {
            findings.Note(check, "firmware-too-old", old.Message, old.Hint);
        }
    }

    private static async Task<bool> IsAttestedAsync(IToken token, PivSlot slot, CancellationToken cancellation)
    {
        try
        {
            using var attestation = await token.AttestAsync(slot, cancellation);
            return true;
        }
        catch (PivException)
        {
            return false; // it says no; whether for this key or for any, the registry gets no evidence
        }
    }

    private static string Word<T>(T policy)
        where T : struct, Enum
        => policy.ToString().ToLowerInvariant();
}

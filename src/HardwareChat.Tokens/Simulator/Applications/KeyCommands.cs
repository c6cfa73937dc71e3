using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator.Keys;
using HardwareChat.Tokens.Simulator.State;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>GENERATE ASYMMETRIC KEY PAIR, and the YubiKey's IMPORT, MOVE and ATTEST.</summary>
internal static class KeyCommands
{
    private const int AlgorithmTag = 0x80;
    private const int PinPolicyTag = 0xAA;
    private const int TouchPolicyTag = 0xAB;
    private const byte Nowhere = 0xFF;

    // SP 800-73-4 Part 2 §3.3.2.
    public static CardAnswer Generate(CardContext card, in CommandApdu command)
    {
        if (!card.Session.ManagementAuthenticated)
            return StatusWord.SecurityStatusNotSatisfied;
        if (command.P1 != 0 || !PivSlot.TryFromId(command.P2, out PivSlot slot))
            return StatusWord.IncorrectParameters;
        var outer = new BerTlvReader(command.Data);
        ReadOnlySpan<byte> template = outer.ReadValue(0xAC);
        outer.ThrowIfNotEmpty();
        if (Number(template, AlgorithmTag) is not { } code || ReadPolicies(template, slot) is not { } policies)
            return StatusWord.IncorrectData;
        var algorithm = (PivAlgorithm)code;
        if (!card.State.Profile.Supports(algorithm) || KeyMaterials.Generate(algorithm) is not { } material)
            return StatusWord.IncorrectData;
        card.State.PutKey(slot, new SlotKey(material, KeyOrigin.Generated, policies.Pin, policies.Touch));
        return CardAnswer.Ok(BerTlvWriter.Encode(0x7F49, material.PublicKeyTemplate));
    }

    /// <summary>P1 the algorithm, P2 the slot; the data holds the private key's elements and the policies.</summary>
    public static CardAnswer Import(CardContext card, in CommandApdu command)
    {
        if (!card.Session.ManagementAuthenticated)
            return StatusWord.SecurityStatusNotSatisfied;
        if (!PivSlot.TryFromId(command.P2, out PivSlot slot))
            return StatusWord.IncorrectParameters;
        var algorithm = (PivAlgorithm)command.P1;
        if (!card.State.Profile.Supports(algorithm) || ReadPolicies(command.Data, slot) is not { } policies
            || KeyMaterials.Import(algorithm, command.Data) is not { } material)
            return StatusWord.IncorrectData;
        card.State.PutKey(slot, new SlotKey(material, KeyOrigin.Imported, policies.Pin, policies.Touch));
        return StatusWord.Success;
    }

    /// <summary>P2 from where, P1 where to; FF is nowhere, which deletes.</summary>
    public static CardAnswer Move(CardContext card, in CommandApdu command)
    {
        if (!card.Session.ManagementAuthenticated)
            return StatusWord.SecurityStatusNotSatisfied;
        bool deletes = command.P1 == Nowhere;
        PivSlot to = default;
        if (!PivSlot.TryFromId(command.P2, out PivSlot from)
            || (!deletes && (!PivSlot.TryFromId(command.P1, out to) || to == from || to == PivSlot.Attestation || from == PivSlot.Attestation)))
            return StatusWord.IncorrectParameters;
        if (card.State.TakeKey(from) is not { } key)
            return StatusWord.ReferencedDataNotFound;
        if (deletes)
            key.Dispose();
        else
            card.State.PutKey(to, key);
        return StatusWord.Success;
    }

    /// <summary>P1 the slot: a certificate, signed by the attestation key, that the slot's key was generated here.</summary>
    public static CardAnswer Attest(CardContext card, in CommandApdu command)
    {
        if (command.P2 != 0 || !command.Data.IsEmpty || !PivSlot.TryFromId(command.P1, out PivSlot slot))
            return StatusWord.IncorrectParameters;
        if (card.State.KeyIn(slot) is not { } key || card.State.KeyIn(PivSlot.Attestation) is not { } attestationKey
            || !card.State.Objects.TryGetValue(PivSlot.Attestation.CertificateObject, out byte[]? holder))
            return StatusWord.ReferencedDataNotFound;
        var content = new BerTlvReader(holder);
        if (!content.TryFind(0x70, out ReadOnlySpan<byte> certificate))
            return StatusWord.ReferencedDataNotFound;
        byte[]? attestation = SlotAttestation.Create(card.State, slot, key, attestationKey, certificate);
        return attestation is null ? StatusWord.IncorrectData : CardAnswer.Ok(attestation);
    }

    private static (PinPolicy Pin, TouchPolicy Touch)? ReadPolicies(ReadOnlySpan<byte> template, PivSlot slot)
    {
        var pin = (PinPolicy)(Number(template, PinPolicyTag) ?? 0);
        var touch = (TouchPolicy)(Number(template, TouchPolicyTag) ?? 0);
        if (pin is not (PinPolicy.Default or PinPolicy.Never or PinPolicy.Once or PinPolicy.Always) || !Enum.IsDefined(touch))
            return null;
        return (
            pin == PinPolicy.Default ? PivApplication.DefaultPinPolicy(slot) : pin,
            touch == TouchPolicy.Default ? TouchPolicy.Never : touch);
    }

    /// <summary>The one byte of the element; null if there is none, an impossible value if it is not one byte.</summary>
    private static int? Number(ReadOnlySpan<byte> template, int tag)
    {
        var reader = new BerTlvReader(template);
        if (!reader.TryFind(tag, out ReadOnlySpan<byte> value))
            return null;
        return value.Length == 1 ? value[0] : -1;
    }
}

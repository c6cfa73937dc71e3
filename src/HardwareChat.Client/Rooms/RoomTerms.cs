using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;
using MlsExtension = HardwareChat.Mls.Extension;

namespace HardwareChat.Client;

/// <summary>What a room's members have agreed on, in the extensions of the group's context.</summary>
/// <param name="Policy">The room's policy.</param>
/// <param name="Removals">Who was removed.</param>
public sealed record RoomTerms(RoomPolicy Policy, RoomRemovals Removals)
{
    internal static readonly ExtensionType PolicyType = new(RoomPolicy.ExtensionType);
    internal static readonly ExtensionType RemovalsType = new(RoomRemovals.ExtensionType);

    /// <summary>What the checks of leaves need of it.</summary>
    public RoomRules RulesOf(RoomId room) => new(room, Policy.Linger, Removals);

    /// <summary>The extensions of a context: these two, and that every member must support them. A room has no others.</summary>
    internal ExtensionList ToExtensions() => new(
        new RequiredCapabilities([PolicyType, RemovalsType]).ToExtension(),
        MlsExtension.Of(PolicyType, Policy),
        MlsExtension.Of(RemovalsType, Removals));

    /// <summary>The terms among the extensions of a context; what else stands there is not looked at.</summary>
    /// <exception cref="DecodeException">One is missing or malformed.</exception>
    internal static RoomTerms Read(ExtensionList extensions) => new(
        RoomPolicy.Decode(ContentOf(extensions, PolicyType)), RoomRemovals.Decode(ContentOf(extensions, RemovalsType)));

    /// <summary>Whether two lists differ in anything but the terms.</summary>
    internal static bool DiffersElsewhere(ExtensionList before, ExtensionList after)
    {
        static ExtensionList Others(ExtensionList list) => new(list.Where(static extension => extension.Type != PolicyType && extension.Type != RemovalsType));
        return !Others(before).Equals(Others(after));
    }

    /// <summary>Whether a context has the extensions of a room and nothing else.</summary>
    internal bool IsAllOf(ExtensionList extensions) => extensions.Count == 3 && !DiffersElsewhere(ToExtensions(), extensions);

    private static ReadOnlySpan<byte> ContentOf(ExtensionList extensions, ExtensionType type)
        => (extensions.Find(type) ?? throw new DecodeException("the group's context has no terms of a room", 0)).Content;
}

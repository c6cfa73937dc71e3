using System.Collections.Immutable;

namespace HardwareChat.Mls;

/// <summary>How many members use and support each credential type: the answer to RFC 9420 §7.3 without looking at every leaf. Immutable.</summary>
internal sealed class MemberSupport
{
    private readonly int _members;
    private readonly ImmutableDictionary<CredentialType, int> _used;
    private readonly ImmutableDictionary<CredentialType, int> _supported;

    private MemberSupport(int members, ImmutableDictionary<CredentialType, int> used, ImmutableDictionary<CredentialType, int> supported)
    {
        _members = members;
        _used = used;
        _supported = supported;
    }

    public static MemberSupport Of(RatchetTree tree)
    {
        int members = 0;
        var used = ImmutableDictionary.CreateBuilder<CredentialType, int>();
        var supported = ImmutableDictionary.CreateBuilder<CredentialType, int>();
        foreach ((_, LeafNode leaf) in tree.Members)
        {
            members++;
            Count(used, leaf.Credential.Type, 1);
            foreach (CredentialType type in leaf.Capabilities.Credentials.Distinct())
                Count(supported, type, 1);
        }

        return new MemberSupport(members, used.ToImmutable(), supported.ToImmutable());
    }

    /// <summary>The counts after one leaf has taken another's place; either may be none.</summary>
    public MemberSupport Replace(LeafNode? former, LeafNode? next)
    {
        var used = _used.ToBuilder();
        var supported = _supported.ToBuilder();
        int members = _members;
        if (former is not null)
        {
            members--;
            Count(used, former.Credential.Type, -1);
            foreach (CredentialType type in former.Capabilities.Credentials.Distinct())
                Count(supported, type, -1);
        }

        if (next is not null)
        {
            members++;
            Count(used, next.Credential.Type, 1);
            foreach (CredentialType type in next.Capabilities.Credentials.Distinct())
                Count(supported, type, 1);
        }

        return new MemberSupport(members, used.ToImmutable(), supported.ToImmutable());
    }

    /// <summary>Checks a leaf that is among those counted.</summary>
    public void Validate(LeafNode leaf)
    {
        // RFC 9420 §7.3: "the capabilities field of this LeafNode indicates support for all the credential types currently in use by other
        // members".
        foreach (CredentialType type in _used.Keys)
        {
            if (!leaf.Capabilities.Supports(type))
                throw new ValidationException(ValidationRule.CredentialTypesInUseSupported, $"the leaf does not support {type}, which is in use");
        }

        // RFC 9420 §7.3: "Verify that the credential type is supported by all members of the group".
        if (_supported.GetValueOrDefault(leaf.Credential.Type) != _members)
            throw new ValidationException(ValidationRule.CredentialTypeSupportedByMembers, $"not all members support {leaf.Credential.Type}");
    }

    private static void Count(ImmutableDictionary<CredentialType, int>.Builder counts, CredentialType type, int change)
    {
        int count = counts.GetValueOrDefault(type) + change;
        if (count == 0)
            counts.Remove(type);
        else
            counts[type] = count;
    }
}

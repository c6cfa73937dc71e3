using System.Collections.Immutable;

namespace HardwareChat.Mls;

/// <summary>How often each key occurs in the tree: the answer to every rule of uniqueness (RFC 9420 §7.3). Immutable, as the tree is.</summary>
internal sealed class KeyCounts<TKey>(ImmutableDictionary<TKey, int> counts)
    where TKey : class
{
    public int this[TKey key] => counts.GetValueOrDefault(key);

    public static KeyCounts<TKey> Of(IEnumerable<TKey> keys)
    {
        ImmutableDictionary<TKey, int>.Builder builder = ImmutableDictionary.CreateBuilder<TKey, int>();
        foreach (TKey key in keys)
            builder[key] = builder.GetValueOrDefault(key) + 1;
        return new(builder.ToImmutable());
    }

    /// <summary>The counts after one key has taken another's place; either may be none.</summary>
    public KeyCounts<TKey> Replace(TKey? former, TKey? next)
    {
        if (ReferenceEquals(former, next))
            return this;
        ImmutableDictionary<TKey, int> changed = counts;
        if (former is not null)
        {
            int left = changed[former] - 1;
            changed = left == 0 ? changed.Remove(former) : changed.SetItem(former, left);
        }

        if (next is not null)
            changed = changed.SetItem(next, changed.GetValueOrDefault(next) + 1);
        return new(changed);
    }
}

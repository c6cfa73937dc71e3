namespace HardwareChat.Mls;

// RFC 9420 §7.4, §12.4.1
//
//   path_secret[n] = DeriveSecret(path_secret[n-1], "path")
//   node_secret[n] = DeriveSecret(path_secret[n], "node")
//   node_priv[n], node_pub[n] = KEM.DeriveKeyPair(node_secret[n])
//
//   commit_secret = path_secret[n+1], "derived from the last path secret value (path_secret[n])"

/// <summary>The chain of path secrets up a path.</summary>
internal static class PathSecrets
{
    /// <summary>Takes over the secret and pair of one step; false ends the chain, and neither is taken over then.</summary>
    public delegate bool StepAction(int step, Secret ownedPathSecret, HpkeKeyPair ownedPair);

    /// <summary>Derives secret and pair of each step from the first secret, which is taken over.</summary>
    /// <returns>The secret that follows the last: commit_secret, which the caller owns; null if an action ended the chain.</returns>
    public static Secret? Derive(CipherSuite suite, ReadOnlySpan<PathStep> steps, Secret ownedFirst, StepAction action)
    {
        Secret pathSecret = ownedFirst;
        for (int i = 0; i < steps.Length; i++)
        {
            HpkeKeyPair pair = PairOf(suite, pathSecret);
            Secret next = suite.DeriveSecret(pathSecret, "path"u8);
            if (!action(i, pathSecret, pair))
            {
                pair.Dispose();
                pathSecret.Dispose();
                next.Dispose();
                return null;
            }

            pathSecret = next;
        }

        return pathSecret;
    }

    /// <summary>The key pair of a path secret, which the caller disposes of.</summary>
    public static HpkeKeyPair PairOf(CipherSuite suite, Secret pathSecret)
    {
        using Secret nodeSecret = suite.DeriveSecret(pathSecret, "node"u8);
        return suite.DeriveKeyPair(nodeSecret);
    }

    public static void Dispose(IEnumerable<Secret> pathSecrets)
    {
        foreach (Secret secret in pathSecrets)
            secret?.Dispose();
    }
}

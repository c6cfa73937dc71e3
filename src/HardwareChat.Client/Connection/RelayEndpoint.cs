using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>Where a relay is, and by what it is known.</summary>
/// <param name="Address">http or https, with the path under which the relay stands.</param>
/// <param name="Registry">The registry that it serves.</param>
/// <param name="RelayKeyCheck">Whether a relay key is the pinned one, or follows from it.</param>
public sealed record RelayEndpoint(Uri Address, RegistryId Registry, RelayKeyCheck RelayKeyCheck)
{
    /// <summary>The address of the channel.</summary>
    public Uri Channel => new UriBuilder(Under("channel")) { Scheme = Address.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri;

    /// <summary>The address of a blob.</summary>
    public Uri Blob(Digest blob) => Under($"blobs/{blob}");

    private Uri Under(string path) => new(Address.AbsoluteUri.EndsWith('/') ? Address : new Uri(Address.AbsoluteUri + "/"), path);
}

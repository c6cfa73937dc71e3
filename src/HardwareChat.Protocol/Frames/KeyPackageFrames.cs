using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// struct { uint8 replace; opaque key_packages<V><V>; optional<opaque last_resort<V>>; } PublishKeyPackages;
// struct { Handle handles<V>; } FetchKeyPackages;
// struct { struct { opaque token_id[32]; optional<opaque key_package<V>>; } items<V>; } KeyPackages;
// struct { uint32 count; uint8 last_resort; } KeyPackageCount;
//
// The relay keeps them by token, hands each out once, and the last resort when there is nothing else. The relay reads no MLS:
// the adder checks what it gets, and so does everybody who sees the Add.

/// <summary>Leaves key packages of the client's token with the relay.</summary>
/// <param name="Replace">Whether those of earlier sessions are dropped.</param>
/// <param name="Packages">To be handed out once each.</param>
/// <param name="LastResort">To be handed out when there is nothing else; null keeps the one that there is.</param>
public sealed record PublishKeyPackages(bool Replace, IReadOnlyList<ReadOnlyMemory<byte>> Packages, ReadOnlyMemory<byte>? LastResort) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.PublishKeyPackages;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOptional(Replace);
        writer.WriteVector(Packages, static (ref writer, packages) =>
        {
            foreach (ReadOnlyMemory<byte> package in packages)
                writer.WriteOpaque(package.Span);
        });
        writer.WriteOptionalOpaque(LastResort);
    }

    internal static PublishKeyPackages Read(ref TlsReader reader)
    {
        bool replace = reader.ReadOptional();
        List<ReadOnlyMemory<byte>> packages = reader.ReadList<ReadOnlyMemory<byte>>(
            ProtocolLimits.KeyPackagesPerPublication,
            ProtocolLimits.KeyPackagesPerPublication * (ProtocolLimits.KeyPackageBytes + 4),
            static (ref list) => list.ReadOpaque(ProtocolLimits.KeyPackageBytes).ToArray());
        return new PublishKeyPackages(replace, packages, reader.ReadOptionalOpaque(ProtocolLimits.KeyPackageBytes));
    }
}

/// <summary>Takes one key package of each token of these users.</summary>
/// <param name="Handles">The users.</param>
public sealed record FetchKeyPackages(IReadOnlyList<Handle> Handles) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.FetchKeyPackages;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => writer.WriteVector<Handle>([.. Handles]);

    internal static FetchKeyPackages Read(ref TlsReader reader)
        => new(reader.ReadList(ProtocolLimits.KeyPackageOwners, ProtocolLimits.KeyPackageOwners * 33, Handle.Read));
}

/// <summary>A token, and a key package of it if the relay has one.</summary>
/// <param name="Token">The token.</param>
/// <param name="Package">The key package, as it was published; unverified.</param>
public sealed record TokenKeyPackage(TokenId Token, ReadOnlyMemory<byte>? Package) : ITlsSerializable
{
    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Token.WriteTo(ref writer);
        writer.WriteOptionalOpaque(Package);
    }

    internal static TokenKeyPackage Read(ref TlsReader reader) => new(TokenId.Read(ref reader), reader.ReadOptionalOpaque(ProtocolLimits.KeyPackageBytes));
}

/// <summary>Key packages, one a token.</summary>
/// <param name="Items">The tokens of the users asked for.</param>
public sealed record KeyPackages(IReadOnlyList<TokenKeyPackage> Items) : FrameBody
{
    private const int MaxItems = ProtocolLimits.KeyPackageOwners * ProtocolLimits.TokensPerUser;

    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.KeyPackages;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => writer.WriteVector<TokenKeyPackage>([.. Items]);

    internal static KeyPackages Read(ref TlsReader reader)
        => new(reader.ReadList(MaxItems, ProtocolLimits.FrameBytes, TokenKeyPackage.Read));
}

/// <summary>Asks how many key packages of the client's token are left.</summary>
public sealed record CountKeyPackages : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.CountKeyPackages;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
    }
}

/// <summary>How many are left.</summary>
/// <param name="Count">Not counting the last resort.</param>
/// <param name="LastResort">Whether there is one.</param>
public sealed record KeyPackageCount(uint Count, bool LastResort) : FrameBody
{
    /// <inheritdoc/>
    public override FrameKind Kind => FrameKind.KeyPackageCount;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt32(Count);
        writer.WriteOptional(LastResort);
    }
}

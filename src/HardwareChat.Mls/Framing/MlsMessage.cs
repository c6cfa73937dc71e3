using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §6
//
//   struct {
//       ProtocolVersion version = mls10;
//       WireFormat wire_format;
//       select (MLSMessage.wire_format) {
//           case mls_public_message:
//               PublicMessage public_message;
//           case mls_private_message:
//               PrivateMessage private_message;
//           case mls_welcome:
//               Welcome welcome;
//           case mls_group_info:
//               GroupInfo group_info;
//           case mls_key_package:
//               KeyPackage key_package;
//       };
//   } MLSMessage;

/// <summary>What travels: one of five structures, told apart by the wire format. One of the five properties is set.</summary>
public sealed class MlsMessage : ITlsSerializable
{
    private readonly ITlsSerializable _content;

    private MlsMessage(WireFormat wireFormat, ITlsSerializable content)
    {
        WireFormat = wireFormat;
        _content = content;
    }

    /// <summary>A message that holds a PublicMessage.</summary>
    public MlsMessage(PublicMessage message)
        : this(WireFormat.PublicMessage, message)
    {
    }

    /// <summary>A message that holds a PrivateMessage.</summary>
    public MlsMessage(PrivateMessage message)
        : this(WireFormat.PrivateMessage, message)
    {
    }

    /// <summary>A message that holds a Welcome.</summary>
    public MlsMessage(Welcome welcome)
        : this(WireFormat.Welcome, welcome)
    {
    }

    /// <summary>A message that holds a GroupInfo.</summary>
    public MlsMessage(GroupInfo groupInfo)
        : this(WireFormat.GroupInfo, groupInfo)
    {
    }

    /// <summary>A message that holds a KeyPackage.</summary>
    public MlsMessage(KeyPackage keyPackage)
        : this(WireFormat.KeyPackage, keyPackage)
    {
    }

    /// <summary>wire_format.</summary>
    public WireFormat WireFormat { get; }

    /// <summary>public_message, or null.</summary>
    public PublicMessage? PublicMessage => _content as PublicMessage;

    /// <summary>private_message, or null.</summary>
    public PrivateMessage? PrivateMessage => _content as PrivateMessage;

    /// <summary>welcome, or null.</summary>
    public Welcome? Welcome => _content as Welcome;

    /// <summary>group_info, or null.</summary>
    public GroupInfo? GroupInfo => _content as GroupInfo;

    /// <summary>key_package, or null.</summary>
    public KeyPackage? KeyPackage => _content as KeyPackage;

    /// <summary>Reads one message, which ends where the bytes do.</summary>
    /// <exception cref="DecodeException">The bytes are malformed.</exception>
    /// <exception cref="ValidationException">A rule that needs no group is broken, such as an extension that occurs twice.</exception>
    public static MlsMessage Decode(ReadOnlySpan<byte> bytes) => TlsVector.Decode(bytes, ReadFrom);

    /// <summary>The message's encoding.</summary>
    public byte[] Encode() => TlsWriter.Encode(this);

    internal static MlsMessage ReadFrom(ref TlsReader reader)
    {
        ProtocolVersion.ReadMls10(ref reader);
        WireFormat wireFormat = WireFormat.ReadFrom(ref reader);
        return wireFormat.Value switch
        {
            0x0001 => new MlsMessage(PublicMessage.ReadFrom(ref reader)),
            0x0002 => new MlsMessage(PrivateMessage.ReadFrom(ref reader)),
            0x0003 => new MlsMessage(Welcome.ReadFrom(ref reader)),
            0x0004 => new MlsMessage(GroupInfo.ReadFrom(ref reader)),
            0x0005 => new MlsMessage(ReadKeyPackage(ref reader)),
            _ => throw reader.Malformed("no such wire format"),
        };
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        ProtocolVersion.Mls10.WriteTo(ref writer);
        WireFormat.WriteTo(ref writer);
        _content.WriteTo(ref writer);
    }

    internal static void Fuzz(ReadOnlySpan<byte> bytes)
    {
        try
        {
            MlsMessage message = Decode(bytes);
            if (!message.Encode().AsSpan().SequenceEqual(bytes))
                throw new InvalidOperationException("a message has two encodings");
        }
        catch (Exception exception) when (exception is DecodeException or ValidationException)
        {
            // The two ways in which untrusted bytes may end.
        }
    }

    private static KeyPackage ReadKeyPackage(ref TlsReader reader)
    {
        KeyPackage keyPackage = KeyPackage.ReadFrom(ref reader);

        // RFC 9420 §10: "it MUST verify that the version field of the KeyPackage has the same value as the version field of the MLSMessage".
        return keyPackage.Version == ProtocolVersion.Mls10
            ? keyPackage
            : throw new ValidationException(ValidationRule.ProtocolVersion, "the key package has another version than the message around it");
    }
}

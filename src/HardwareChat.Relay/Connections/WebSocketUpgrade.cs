using System.Security.Cryptography;
using System.Text;
using HardwareChat.Protocol;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace HardwareChat.Relay;

/// <summary>A socket that speaks WebSocket, and what was agreed on it.</summary>
/// <param name="Stream">The upgraded stream.</param>
/// <param name="Offered">The client's Sec-WebSocket-Protocol list, as it arrived.</param>
/// <param name="Chosen">What the relay answered.</param>
internal sealed record UpgradedSocket(Stream Stream, string Offered, string Chosen);

/// <summary>The opening handshake of RFC 6455 §4.2, for one subprotocol and without extensions.</summary>
/// <remarks>The framework's own class is not used: it seals nothing, but it costs a third of the relay's throughput (docs/PERFORMANCE.md).</remarks>
internal static class WebSocketUpgrade
{
    // RFC 6455 §1.3.
    private const string AcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Upgrades the request, or answers it with the status that says why not.</summary>
    /// <param name="context">The request.</param>
    /// <param name="origins">The Origin values that may connect; a browser's request from elsewhere is refused.</param>
    public static async Task<UpgradedSocket?> AcceptAsync(HttpContext context, IReadOnlyCollection<string> origins)
    {
        IHttpUpgradeFeature? upgrade = context.Features.Get<IHttpUpgradeFeature>();
        IHeaderDictionary headers = context.Request.Headers;
        if (!HttpMethods.IsGet(context.Request.Method) || upgrade is not { IsUpgradableRequest: true } || !HasToken(headers.Upgrade.ToString(), "websocket"))
            return Refuse(context, StatusCodes.Status426UpgradeRequired);
        if (headers.SecWebSocketVersion != "13")
        {
            context.Response.Headers.SecWebSocketVersion = "13";
            return Refuse(context, StatusCodes.Status426UpgradeRequired);
        }
        if (headers.Origin.Count > 0 && !origins.Contains(headers.Origin.ToString()))
            return Refuse(context, StatusCodes.Status403Forbidden);
        string key = headers.SecWebSocketKey.ToString();
        string offered = headers.SecWebSocketProtocol.ToString();
        Span<byte> nonce = stackalloc byte[16];
        bool keyIsNonce = Convert.TryFromBase64String(key, nonce, out int length) && length == 16;
        if (!keyIsNonce || offered.Length > ProtocolLimits.SubprotocolBytes || !Ascii.IsValid(offered) || Subprotocol.Choose(offered) is not { } chosen)
            return Refuse(context, StatusCodes.Status400BadRequest);

        IHeaderDictionary answer = context.Response.Headers;
        answer.Connection = HeaderNames.Upgrade;
        answer.Upgrade = "websocket";
        answer.SecWebSocketAccept = Accept(key);
        answer.SecWebSocketProtocol = chosen;
        return new UpgradedSocket(await upgrade.UpgradeAsync(), offered, chosen);
    }

    // RFC 6455 §4.2.2 asks for SHA-1 here; nothing rests on it.
#pragma warning disable CA5350
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptGuid)));
#pragma warning restore CA5350

    private static bool HasToken(string list, string token)
        => list.Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase);

    private static UpgradedSocket? Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return null;
    }
}

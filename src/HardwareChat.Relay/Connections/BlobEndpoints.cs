using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using HardwareChat.Protocol;

namespace HardwareChat.Relay;

// PUT  /blobs/{hex id}?offset=N   body: the bytes from N on, at most PieceBytes    200 and the bytes held; 409 and the bytes held
// HEAD /blobs/{hex id}            Content-Length: the blob's size; Hwchat-Held: the bytes held
// GET  /blobs/{hex id}            one range at most                                200 or 206
//
// Authorization: Ticket {base64url}. Whatever is wrong with a ticket or a name is answered with 404.

/// <summary>The HTTP side of blobs.</summary>
internal static class BlobEndpoints
{
    /// <summary>The most bytes of one PUT.</summary>
    public const int PieceBytes = 8 * 1024 * 1024;

    private const int Buffer = 256 * 1024;
    private const string HeldHeader = "Hwchat-Held";

    /// <summary>Adds the endpoints.</summary>
    public static void Map(WebApplication web)
    {
        web.MapPut("/blobs/{id}", PutAsync);
        web.MapMethods("/blobs/{id}", [HttpMethods.Get, HttpMethods.Head], GetAsync);
    }

    private static async Task PutAsync(HttpContext context, string id, IRelayStore store, BlobTickets tickets)
    {
        if (!IsAllowed(context, id, tickets, BlobDirection.Upload, out Digest name) || await store.FindBlobAsync(name) is not { } blob)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (!ulong.TryParse(context.Request.Query["offset"], NumberStyles.None, CultureInfo.InvariantCulture, out ulong offset))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        try
        {
            ulong held = blob.Held;
            if (offset != held)
            {
                await AnswerAsync(context, StatusCodes.Status409Conflict, held);
                return;
            }
            int read;
            while ((read = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted)) > 0)
            {
                if (await store.AppendBlobAsync(name, held, buffer.AsMemory(0, read), context.RequestAborted) is not { } now)
                {
                    await AnswerAsync(context, StatusCodes.Status409Conflict, (await store.FindBlobAsync(name))?.Held ?? 0);
                    return;
                }
                held = now;
            }
            await AnswerAsync(context, StatusCodes.Status200OK, held);
        }
        catch (StoreException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task GetAsync(HttpContext context, string id, IRelayStore store, BlobTickets tickets)
    {
        bool head = HttpMethods.IsHead(context.Request.Method);
        bool allowed = IsAllowed(context, id, tickets, BlobDirection.Download, out Digest name)
            || (head && IsAllowed(context, id, tickets, BlobDirection.Upload, out name));
        if (!allowed || await store.FindBlobAsync(name) is not { } blob)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        HttpResponse response = context.Response;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = "no-store";
        response.ContentType = "application/octet-stream";
        if (head)
        {
            response.Headers[HeldHeader] = blob.Held.ToString(CultureInfo.InvariantCulture);
            response.ContentLength = (long)blob.Size;
            return;
        }
        if (!TryRange(context.Request, blob.Size, out ulong from, out ulong end))
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = $"bytes */{blob.Size}";
            return;
        }
        if (end - from < blob.Size)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {from}-{end - 1}/{blob.Size}";
        }
        response.ContentLength = (long)(end - from);
        await SendAsync(context, store, name, from, end);
    }

    private static async Task SendAsync(HttpContext context, IRelayStore store, Digest name, ulong from, ulong end)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        try
        {
            while (from < end)
            {
                int wanted = (int)Math.Min((ulong)buffer.Length, end - from);
                int read = await store.ReadBlobAsync(name, from, buffer.AsMemory(0, wanted), context.RequestAborted);
                if (read == 0)
                {
                    // Deleted meanwhile: the reader sees that the length was not kept.
                    context.Abort();
                    return;
                }
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
                from += (ulong)read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsAllowed(HttpContext context, string id, BlobTickets tickets, BlobDirection direction, out Digest name)
    {
        name = default;
        const string Scheme = "Ticket ";
        string authorization = context.Request.Headers.Authorization.ToString();
        Span<byte> ticket = stackalloc byte[ProtocolLimits.TicketBytes];
        Span<byte> nameBytes = stackalloc byte[Digest.Size];
        if (!authorization.StartsWith(Scheme, StringComparison.Ordinal) || authorization.Length > 2 * ProtocolLimits.TicketBytes)
            return false;
        if (!Base64Url.TryDecodeFromChars(authorization.AsSpan(Scheme.Length), ticket, out int length))
            return false;
        if (id.Length != 2 * Digest.Size || Convert.FromHexString(id, nameBytes, out _, out _) != OperationStatus.Done)
            return false;
        name = new Digest(nameBytes);
        return tickets.IsGood(ticket[..length], name, direction);
    }

    // One range of bytes; several are answered as none.
    private static bool TryRange(HttpRequest request, ulong size, out ulong from, out ulong end)
    {
        (from, end) = (0, size);
        if (request.GetTypedHeaders().Range is not { } range || range.Ranges.Count != 1 || range.Unit != "bytes")
            return true;
        Microsoft.Net.Http.Headers.RangeItemHeaderValue item = range.Ranges.First();
        if (item.From is { } first)
        {
            from = (ulong)first;
            end = item.To is { } last ? Math.Min(size, (ulong)last + 1) : size;
        }
        else
        {
            from = size - Math.Min(size, (ulong)(item.To ?? 0));
        }
        return from < end;
    }

    private static Task AnswerAsync(HttpContext context, int status, ulong held)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(held.ToString(CultureInfo.InvariantCulture), context.RequestAborted);
    }
}

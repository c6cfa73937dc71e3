using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Attachments;

// PUT ?offset=N, HEAD and GET with a range, each with "Authorization: Ticket base64url"; docs/PROTOCOL.md, "Blobs".
//
// Whoever stands between sees ciphertext and a ticket of a few minutes. As on the channel, a certificate would add nothing that the message's
// hash does not; and a redirection is not followed, since it would carry the ticket elsewhere.

/// <summary>A blob at the relay's HTTP endpoints. Not safe for two threads at once.</summary>
public sealed class HttpBlobTransfer : IBlobTransfer, IAsyncDisposable
{
    private const string HeldHeader = "Hwchat-Held";
    private const int TicketAttempts = 2;

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly Func<CancellationToken, Task<BlobTicket>> _renew;
    private BlobTicket _ticket;
    private long _held;
    private HttpResponseMessage? _download;
    private Stream? _stream;
    private long _position;

    /// <summary>A transfer with its first ticket.</summary>
    /// <param name="http">Of <see cref="CreateHttp"/>; stays the caller's.</param>
    /// <param name="address">The blob's address.</param>
    /// <param name="ticket">The ticket.</param>
    /// <param name="renew">Asks for the next one, when this one is over.</param>
    public HttpBlobTransfer(HttpClient http, Uri address, BlobTicket ticket, Func<CancellationToken, Task<BlobTicket>> renew)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(renew);
        (_http, _address, _ticket, _renew) = (http, address, ticket, renew);
    }

    /// <summary>What transfers of one client share. The caller disposes of it.</summary>
    public static HttpClient CreateHttp() => new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(20),
#pragma warning disable CA5359
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
        },
        disposeHandler: true)
    {
        Timeout = TimeSpan.FromMinutes(10),
    };

    /// <inheritdoc/>
    /// <exception cref="ConnectionException">The relay does not answer, or not as a relay.</exception>
    public async ValueTask<long> HeldAsync(CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await RequestAsync(() => new HttpRequestMessage(HttpMethod.Head, _address), HttpCompletionOption.ResponseContentRead, cancellation);
        string? held = answer.Headers.TryGetValues(HeldHeader, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
        if (answer.StatusCode != HttpStatusCode.OK || !long.TryParse(held, NumberStyles.None, CultureInfo.InvariantCulture, out _held))
            throw NotARelay(answer);
        return _held;
    }

    /// <inheritdoc/>
    /// <exception cref="ConnectionException">The relay does not answer, or not as a relay.</exception>
    public async ValueTask SendAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        long end = offset + bytes.Length;
        while (_held < end)
        {
            if (_held < offset)
                throw new AttachmentException(AttachmentFault.Truncated, "The relay has lost a part of the file: send it again.");
            ReadOnlyMemory<byte> rest = bytes[(int)(_held - offset)..];
            var place = new Uri($"{_address.AbsoluteUri}?offset={_held.ToString(CultureInfo.InvariantCulture)}");
            using HttpResponseMessage answer = await RequestAsync(
                () => new HttpRequestMessage(HttpMethod.Put, place) { Content = new ReadOnlyMemoryContent(rest) }, HttpCompletionOption.ResponseContentRead, cancellation);
            long before = _held;
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Conflict)
                || !long.TryParse(await ReadAsync(answer, cancellation), NumberStyles.None, CultureInfo.InvariantCulture, out _held))
                throw NotARelay(answer);
            if (_held <= before && answer.StatusCode == HttpStatusCode.OK)
                throw new ConnectionException(ConnectionFault.Broken, "the relay took a part of the file, and has no more of it than before");
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ConnectionException">The relay does not answer, or not as a relay.</exception>
    public async ValueTask<int> FetchAsync(long offset, Memory<byte> bytes, CancellationToken cancellation)
    {
        if (_stream is null || _position != offset)
            await BeginAsync(offset, cancellation);
        try
        {
            int read = await _stream!.ReadAsync(bytes, cancellation);
            _position += read;
            return read;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            await EndAsync();
            throw new ConnectionException(ConnectionFault.Lost, "the relay broke off in the middle of the file", e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => EndAsync();

    private async Task BeginAsync(long offset, CancellationToken cancellation)
    {
        await EndAsync();
        HttpResponseMessage answer = await RequestAsync(
            () => new HttpRequestMessage(HttpMethod.Get, _address) { Headers = { Range = new RangeHeaderValue(offset, null) } }, HttpCompletionOption.ResponseHeadersRead, cancellation);
        bool isWhole = answer.StatusCode == HttpStatusCode.OK && offset == 0;
        if (!isWhole && (answer.StatusCode != HttpStatusCode.PartialContent || answer.Content.Headers.ContentRange?.From != offset))
        {
            using (answer)
                throw NotARelay(answer);
        }
        (_download, _stream, _position) = (answer, await answer.Content.ReadAsStreamAsync(cancellation), offset);
    }

    private async ValueTask EndAsync()
    {
        if (_stream is { } stream)
            await stream.DisposeAsync();
        _download?.Dispose();
        (_stream, _download) = (null, null);
    }

    // A ticket that is over, and a blob that is gone, look the same: one more ticket is asked for.
    private async Task<HttpResponseMessage> RequestAsync(Func<HttpRequestMessage> make, HttpCompletionOption option, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            using HttpRequestMessage request = make();
            request.Headers.Authorization = new AuthenticationHeaderValue("Ticket", Base64Url.EncodeToString(_ticket.Ticket.Span));
            HttpResponseMessage answer;
            try
            {
                answer = await _http.SendAsync(request, option, cancellation);
            }
            catch (HttpRequestException e)
            {
                throw new ConnectionException(ConnectionFault.Unreachable, $"the relay at {_address.Host}:{_address.Port} does not take or give files", e);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                throw new ConnectionException(ConnectionFault.TimedOut, "the relay was too slow with a part of the file", e);
            }
            if (answer.StatusCode != HttpStatusCode.NotFound)
                return answer;
            answer.Dispose();
            if (attempt == TicketAttempts)
                throw new AttachmentException(AttachmentFault.Gone, "The relay no longer has the file.");
            _ticket = await _renew(cancellation);
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        const int MostDigits = 32;
        await answer.Content.LoadIntoBufferAsync(MostDigits, cancellation);
        return await answer.Content.ReadAsStringAsync(cancellation);
    }

    private static ConnectionException NotARelay(HttpResponseMessage answer) => answer.StatusCode == HttpStatusCode.ServiceUnavailable
        ? new ConnectionException(ConnectionFault.Refused, "the relay cannot keep files now")
        : new ConnectionException(ConnectionFault.NotARelay, $"the address of the relay's files answered {(int)answer.StatusCode}: a proxy in between does not pass them on");
}

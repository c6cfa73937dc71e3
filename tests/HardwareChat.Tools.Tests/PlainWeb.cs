using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace HardwareChat.Tools.Tests;

/// <summary>A web server that answers 200 to everything, as a proxy does that does not pass WebSocket on.</summary>
internal sealed class PlainWeb : IAsyncDisposable
{
    private readonly WebApplication _web;

    private PlainWeb(WebApplication web) => _web = web;

    public string Address => _web.Urls.Single() + "/";

    public static async Task<PlainWeb> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        web.MapFallback(static () => "hello");
        await web.StartAsync();
        return new PlainWeb(web);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}

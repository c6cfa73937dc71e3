using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace HardwareChat.Relay;

/// <summary>A certificate from PEM files, read again when they change: a renewal needs no restart.</summary>
internal sealed class TlsCertificate
{
    private readonly string _cert;
    private readonly string _key;
    private readonly Lock _gate = new();
    private X509Certificate2 _current;
    private (DateTime Cert, DateTime Key) _read;

    private TlsCertificate(string cert, string key)
    {
        _cert = cert;
        _key = key;
        _read = Times();
        _current = X509Certificate2.CreateFromPemFile(cert, key);
    }

    /// <summary>Ends TLS here, with the configured certificate.</summary>
    public static void Use(ListenOptions listen, RelayOptions options)
    {
        var certificate = new TlsCertificate(options.TlsCert!, options.TlsKey ?? options.TlsCert!);
        listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => certificate.Current() });
    }

    // A pair that is being written does not load: the one before is used until it does.
    private X509Certificate2 Current()
    {
        lock (_gate)
        {
            (DateTime Cert, DateTime Key) times = Times();
            if (times == _read)
                return _current;
            try
            {
                _current = X509Certificate2.CreateFromPemFile(_cert, _key);
                _read = times;
            }
            catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or IOException)
            {
                return _current;
            }
            return _current;
        }
    }

    private (DateTime Cert, DateTime Key) Times() => (File.GetLastWriteTimeUtc(_cert), File.GetLastWriteTimeUtc(_key));
}

using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Holdfast.Tests.Tokens;

/// <summary>
/// A PIV card (NIST SP 800-73-4) in software, as much of one as OpenSC needs: 9A signs, 9D agrees, a token PIN with a counter. It speaks the
/// protocol of vsmartcard's reader: two bytes of length, then a command of the reader (one byte) or an APDU.
/// </summary>
internal sealed class PivCard : IDisposable
{
    private const byte Authentication = 0x9a, KeyManagement = 0x9d;
    private const int MostTries = 3;

    /// <summary>With historical bytes: a card without them is taken for one that has no elliptic curves.</summary>
    private static readonly byte[] Atr = [0x3b, 0x84, 0x80, 0x01, 0x48, 0x6f, 0x6c, 0x64, 0x2a];
    private static readonly byte[] Aid = [0xa0, 0x00, 0x00, 0x03, 0x08];

    private readonly TcpListener _listener;
    private readonly byte[] _tokenPin;
    private readonly ECDsa _signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDiffieHellman _agreeing = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly Dictionary<int, byte[]> _objects = [];
    private readonly List<byte> _chained = [];
    private readonly Thread _thread;
    private byte[] _rest = [];
    private int _tries = MostTries;
    private bool _isVerified;

    internal PivCard(TcpListener listener, string name, string tokenPin)
    {
        _listener = listener;
        _tokenPin = [.. Encoding.ASCII.GetBytes(tokenPin), .. Enumerable.Repeat((byte)0xff, 8 - tokenPin.Length)];
        byte[] guid = SHA256.HashData(Encoding.ASCII.GetBytes(name))[..16];
        _objects[0x5fc102] = [.. Tlv(0x30, new byte[25]), .. Tlv(0x34, guid), .. Tlv(0x35, Encoding.ASCII.GetBytes("20401231")), 0x3e, 0, 0xfe, 0];
        _objects[0x5fc105] = Certificate(_signing, _signing, name, X509KeyUsageFlags.DigitalSignature);
        using var alsoSigning = ECDsa.Create(_agreeing.ExportParameters(includePrivateParameters: true));
        _objects[0x5fc10b] = Certificate(_signing, alsoSigning, name, X509KeyUsageFlags.KeyAgreement);
        _thread = new Thread(Listen) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Whether to be pulled out of the reader when the next key operation has begun.</summary>
    internal bool VanishesInUse { get; set; }

    public void Dispose()
    {
        _listener.Stop();
        _signing.Dispose();
        _agreeing.Dispose();
    }

    private void Listen()
    {
        try
        {
            while (true)
            {
                using var socket = _listener.AcceptSocket();
                socket.NoDelay = true;
                _isVerified = false;
                try { Converse(socket); }
                catch (EndOfStreamException)
                {
                    // The reader went, or we did.
                }
                catch (IOException)
                {
                    // Likewise.
                }
            }
        }
        catch (SocketException)
        {
            // Disposed.
        }
        catch (ObjectDisposedException)
        {
            // Disposed.
        }
        catch (InvalidOperationException)
        {
            // Disposed.
        }
    }

    private void Converse(Socket socket)
    {
        using var stream = new NetworkStream(socket);
        byte[] header = new byte[2];
        while (true)
        {
            socket.SetRawSocketOption(6, 12, [1, 0, 0, 0]);   // TCP_QUICKACK, each time: the reader sends length and message apart, 40 ms otherwise
            stream.ReadExactly(header);
            byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(header)];
            socket.SetRawSocketOption(6, 12, [1, 0, 0, 0]);
            stream.ReadExactly(message);
            byte[]? answer = message switch
            {
                [4] => Atr,
                [_] => null,
                _ => Answer(message),
            };
            if (message is [0] or [2]) _isVerified = false;
            if (answer is null) continue;
            if (answer is []) return;
            BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)answer.Length);
            stream.Write([.. header, .. answer]);
        }
    }

    /// <summary>Empty for being pulled out.</summary>
    private byte[] Answer(byte[] apdu)
    {
        if (apdu.Length < 4) return [0x67, 0x00];
        byte[] data = apdu.Length > 5 ? apdu[5..(5 + apdu[4])] : [];
        if (apdu[1] == 0xc0) return Give(_rest);
        if ((apdu[0] & 0x10) != 0)
        {
            _chained.AddRange(data);
            return [0x90, 0x00];
        }
        byte[] whole = [.. _chained, .. data];
        _chained.Clear();
        if (apdu[1] == 0x87 && VanishesInUse)
        {
            VanishesInUse = false;
            return [];
        }
        var (status, response) = apdu[1] switch
        {
            0xa4 => whole.AsSpan().StartsWith(Aid)
                ? (0x9000, Tlv(0x61, [0x4f, 6, 0, 0, 0x10, 0, 1, 0, 0x79, 7, 0x4f, 5, .. Aid]))
                : (0x6a82, Array.Empty<byte>()),
            0xcb => GetData(whole),
            0x20 => (Verify(apdu[3], whole), []),
            0x87 => _isVerified ? Authenticate(apdu[2], apdu[3], whole) : (0x6982, []),
            _ => (0x6d00, []),
        };
        return status == 0x9000 && response.Length > 0 ? Give(response) : [.. response, (byte)(status >> 8), (byte)(status & 0xff)];
    }

    private byte[] Give(byte[] response)
    {
        if (response.Length <= 256) return [.. response, 0x90, 0x00];
        _rest = response[256..];
        return [.. response[..256], 0x61, (byte)Math.Min(_rest.Length, 255)];
    }

    private (int, byte[]) GetData(byte[] asked)
    {
        if (asked is [0x5c, 1, 0x7e])
            return (0x9000, Tlv(0x7e, [0x4f, 0x0b, .. Aid, 0, 0, 0x10, 0, 1, 0, 0x5f, 0x2f, 2, 0x40, 0]));
        if (asked is [0x5c, 3, var a, var b, var c] && _objects.TryGetValue((a << 16) | (b << 8) | c, out byte[]? found)) return (0x9000, Tlv(0x53, found));
        return (0x6a82, []);
    }

    private int Verify(byte reference, byte[] tokenPin)
    {
        if (reference != 0x80) return 0x6a88;
        if (_tries == 0) return 0x6983;
        if (tokenPin.Length == 0) return _isVerified ? 0x9000 : 0x63c0 | _tries;
        _isVerified = tokenPin.AsSpan().SequenceEqual(_tokenPin);
        _tries = _isVerified ? MostTries : _tries - 1;
        return _isVerified ? 0x9000 : _tries == 0 ? 0x6983 : 0x63c0 | _tries;
    }

    /// <summary>GENERAL AUTHENTICATE (SP 800-73-4 Part 2 §3.2.4): 81 is a hash to sign, 85 a point to agree with.</summary>
    private (int, byte[]) Authenticate(byte algorithm, byte reference, byte[] template)
    {
        if (algorithm != 0x11 || template is not [0x7c, _, ..]) return (0x6a80, []);
        byte[] value = template[^(template[5])..];
        byte kind = template[4];
        try
        {
            return (kind, reference) switch
            {
                (0x81, Authentication) => (0x9000, Tlv(0x7c, Tlv(0x82, _signing.SignHash(value, DSASignatureFormat.Rfc3279DerSequence)))),
                (0x85, KeyManagement) => (0x9000, Tlv(0x7c, Tlv(0x82, Agree(value)))),
                _ => (0x6a80, []),
            };
        }
        catch (CryptographicException) { return (0x6a80, []); }   // not on the curve
    }

    private byte[] Agree(byte[] point)
    {
        using var other = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] },
        });
        using var otherPublic = other.PublicKey;
        return _agreeing.DeriveRawSecretAgreement(otherPublic);
    }

    private static byte[] Certificate(ECDsa issuer, ECDsa key, string name, X509KeyUsageFlags usage)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        using var certificate = request.Create(
            new X500DistinguishedName($"CN={name}"), X509SignatureGenerator.CreateForECDsa(issuer), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(70), [1]);
        return [.. Tlv(0x70, certificate.RawData), 0x71, 1, 0, 0xfe, 0];
    }

    private static byte[] Tlv(byte tag, byte[] value) => value.Length switch
    {
        < 0x80 => [tag, (byte)value.Length, .. value],
        < 0x100 => [tag, 0x81, (byte)value.Length, .. value],
        _ => [tag, 0x82, (byte)(value.Length >> 8), (byte)(value.Length & 0xff), .. value],
    };
}

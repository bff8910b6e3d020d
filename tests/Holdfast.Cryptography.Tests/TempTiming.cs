using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;
namespace Holdfast.Cryptography.Tests;
public sealed unsafe partial class TempTiming
{
    [DllImport("libsodium")] private static extern int crypto_sign_ed25519_detached(byte* s, ulong* l, byte* m, ulong n, byte* k);
    [Fact]
    public void Time()
    {
        using var key = new Ed25519().Generate(RandomSource.System);
        byte[] e = [.. key.RevealPrivateKey(), .. key.PublicKey.Span], m = new byte[500], sig = new byte[64];
        for (int r = 0; r < 4; r++)
        {
            var c = Stopwatch.StartNew();
            for (int i = 0; i < 4000; i++) HedgedEd25519.Sign(e, m, sig, default(NoSigningFault));
            double hedged = c.Elapsed.TotalMicroseconds / 4000; c.Restart();
            fixed (byte* k = e, mm = m, s = sig) for (int i = 0; i < 4000; i++) crypto_sign_ed25519_detached(s, null, mm, 500, k);
            double plain = c.Elapsed.TotalMicroseconds / 4000; c.Restart();
            for (int i = 0; i < 4000; i++) key.Sign(m);
            double whole = c.Elapsed.TotalMicroseconds / 4000;
            Console.WriteLine($"hedged {hedged:0.0} plain {plain:0.0} with verify {whole:0.0}");
        }
    }
}

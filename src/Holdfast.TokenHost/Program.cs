using Holdfast.TokenHost;
using Holdfast.TokenHost.Walls;

if (HostSettings.Parse(args) is not { } settings)
{
    Console.Error.WriteLine("holdfast-token-host is started by holdfast: pkcs11 MODULE [FOLDER...], or tpm DEVICE.");
    return 2;
}
var walls = Wall.Raise(settings, args);
using var input = OwnPipe.TakeInput();
using var output = OwnPipe.TakeOutput();
using var loop = new HostLoop(settings, walls);
return loop.Run(input, output);

using System.Text;
using CsCheck;
using Holdfast.Protocol;

namespace Holdfast.Client.Tests;

public sealed class SafeFileNameTests
{
    [Theory]
    [InlineData("report.pdf", "report.pdf")]
    [InlineData("Übersicht 2026 – final.odt", "Übersicht 2026 – final.odt")]
    [InlineData("../../etc/passwd", "_.._etc_passwd")]
    [InlineData("/etc/passwd", "_etc_passwd")]
    [InlineData("C:\\Windows\\system.ini", "C__Windows_system.ini")]
    [InlineData(".bashrc", "bashrc")]
    [InlineData("-rf", "rf")]
    [InlineData("..", "file")]
    [InlineData("", "file")]
    [InlineData("   ", "file")]
    [InlineData("NUL.txt", "_NUL.txt")]
    [InlineData("com1", "_com1")]
    [InlineData("photo\u202Egpj.exe", "photo_gpj.exe")]
    [InlineData("a\nb\0c\u001b[31m.txt", "a_b_c_[31m.txt")]
    [InlineData("name. . .", "name")]
    public void AHostileNameBecomesAHarmlessOne(string given, string expected) => Assert.Equal(expected, SafeFileName.Of(given));

    [Fact]
    public void AnyNameBecomesOneThatStaysInItsFolder() => Gen.String.Sample(given =>
    {
        string safe = SafeFileName.Of(given);
        return Path.GetFileName(safe) == safe && safe is not ("." or "..") && DisplayName.Problem(safe) is null && Encoding.UTF8.GetByteCount(safe) <= 201;
    });

    [Fact]
    public void ALongNameKeepsItsExtension()
    {
        string safe = SafeFileName.Of(new string('ö', 300) + ".tar");
        Assert.EndsWith(".tar", safe, StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(safe) <= 200);
    }
}

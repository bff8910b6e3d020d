using System.Reflection;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class LabelsTests
{
    [Fact]
    public void NoLabelIsUsedTwice()
    {
        string[] labels =
        [
            .. from field in typeof(Labels).GetFields(BindingFlags.Public | BindingFlags.Static)
               select (string)field.GetRawConstantValue()!,
        ];
        Assert.True(labels.Length > 25);
        Assert.Equal(labels.Length, labels.Distinct(StringComparer.Ordinal).Count());
    }
}

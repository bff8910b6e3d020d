namespace Holdfast.Server.Tests.Support;

/// <summary>Waits for what happens soon, and fails if it does not.</summary>
internal static class Eventually
{
    public static async Task Async(Func<Task<bool>> holds, int seconds = 60)
    {
        long end = Environment.TickCount64 + (seconds * 1000);
        while (!await holds())
        {
            Assert.True(Environment.TickCount64 < end, "it did not happen in time");
            await Task.Delay(20);
        }
    }
}

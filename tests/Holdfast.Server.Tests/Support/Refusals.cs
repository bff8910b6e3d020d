using System.Text.Json;
using Holdfast.Protocol;
using Holdfast.Server.Web;

namespace Holdfast.Server.Tests.Support;

/// <summary>What a REST refusal must look like.</summary>
internal static class Refusals
{
    public static async Task ExpectAsync(HttpResponseMessage response, RefusalCode code)
    {
        using (response)
        {
            string body = await response.Content.ReadAsStringAsync();
            Assert.Equal(Problems.StatusOf(code), (int)response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            using var problem = JsonDocument.Parse(body);
            Assert.Equal(Problems.NameOf(code), problem.RootElement.GetProperty("code").GetString());
        }
    }
}

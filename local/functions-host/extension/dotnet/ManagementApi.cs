using System.Net;
using Microsoft.AspNetCore.Mvc.WebApiCompatShim;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Host.Config;

namespace ExtensionHost;

/// <summary>
/// Listens for requests to the management API and passes them to the extension, as the Functions
/// host does. The parent forwards them with the Host header of its own address, and the extension
/// makes the addresses in its responses from that header.
/// </summary>
internal sealed class ManagementApi(Uri publicAddress) : IWebHookProvider
{
    private IAsyncConverter<HttpRequestMessage, HttpResponseMessage> extension = null!;
    private WebApplication? server;

    public Uri GetUrl(IExtensionConfigProvider extension)
    {
        this.extension = (IAsyncConverter<HttpRequestMessage, HttpResponseMessage>)extension;
        return publicAddress;
    }

    /// <summary>Starts to listen on a free port. Returns the address.</summary>
    public async Task<string> ListenAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, ParentDecides>();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        this.server = builder.Build();
        this.server.Run(this.HandleAsync);
        await this.server.StartAsync();
        return this.server.Urls.Single();
    }

    public Task StopAsync() => this.server!.StopAsync();

    private async Task HandleAsync(HttpContext context)
    {
        // A web page that calls this port itself sends this port; the parent has refused foreign pages.
        if (context.Request.Host.Port != publicAddress.Port)
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return;
        }

        // The class that the Functions host uses too: paths must be read in the same way.
        HttpRequestMessage request = new HttpRequestMessageFeature(context).HttpRequestMessage;
        using HttpResponseMessage response = await this.extension.ConvertAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await response.Content.CopyToAsync(context.Response.Body);
    }
}

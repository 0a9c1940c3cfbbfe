using System.Globalization;
using System.Reflection;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Extensions.DurableTask;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Config;
using Microsoft.Extensions.Logging.Console;
using Newtonsoft.Json.Linq;

namespace ExtensionHost;

/// <summary>
/// A WebJobs host with the extension, as the Functions host configures it for a Node app.
/// </summary>
internal static class WebJobsHost
{
    public static IHost Build(JObject hostJson, Type functions, ManagementApi api) => new HostBuilder()
        // In Development the container checks scopes, and WebJobs does not keep them.
        .UseEnvironment(Environments.Production)
        .ConfigureAppConfiguration(configuration => configuration
            .AddEnvironmentVariables()
            .AddInMemoryCollection(Flatten("AzureWebJobs", hostJson)))
        .ConfigureLogging(logging =>
        {
            logging.ClearProviders();
            logging.SetMinimumLevel(LogLevel.Warning);
            // It warns about each 409. The extension needs those to find out that something already
            // exists.
            logging.AddFilter("Azure.Core", LogLevel.Error);
            // It recommends a newer tracing at each start.
            logging.AddFilter("Host.Triggers.DurableTask", LogLevel.Error);
            logging.AddSimpleConsole(options => options.SingleLine = true);
            logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        })
        .ConfigureWebJobs(web =>
        {
            web.AddDurableTask();
            web.Services.AddSingleton<IHostLifetime, ParentDecides>();
            web.Services.AddSingleton<ITypeLocator>(new Types([functions, typeof(ClientBinding)]));
            web.Services.AddSingleton<IWebHookProvider>(api);
            if (TimeSpan.TryParse((string?)hostJson["functionTimeout"], CultureInfo.InvariantCulture, out TimeSpan timeout))
            {
                web.Services.Configure<JobHostFunctionTimeoutOptions>(options =>
                {
                    options.Timeout = timeout;
                    options.ThrowOnTimeout = true;
                });
            }
        })
        .Build();

    /// <summary>The versions that run, by assembly.</summary>
    public static JObject Versions()
    {
        string[] wanted = ["Microsoft.Azure.WebJobs.Extensions.DurableTask", "DurableTask.Core", "DurableTask.AzureStorage"];
        return new JObject(wanted.Select(name => new JProperty(
            name,
            Assembly.Load(name).GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0])));
    }

    /// <summary>
    /// host.json as configuration: the section AzureWebJobs is where WebJobs looks for it.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, string?>> Flatten(string path, JToken token) => token switch
    {
        JObject members => members.Properties().SelectMany(member => Flatten($"{path}:{member.Name}", member.Value)),
        JArray items => items.SelectMany((item, index) => Flatten($"{path}:{index}", item)),
        _ => [new(path, (string?)token)],
    };
}

internal sealed class Types(IReadOnlyList<Type> types) : ITypeLocator
{
    public IReadOnlyList<Type> GetTypes() => types;
}

/// <summary>No signal stops the host. If one did, what runs would be cut off.</summary>
internal sealed class ParentDecides : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using System.Runtime.InteropServices;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Extensions.DurableTask;
using Newtonsoft.Json.Linq;

namespace ExtensionHost;

/// <summary>
/// Runs the extension until the parent process says stop. The first line from the parent names the
/// functions of the app. See ../protocol.ts for the lines; stderr is the log.
/// </summary>
internal static class Program
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(45);

    private static async Task<int> Main()
    {
        var parent = new Parent(Console.OpenStandardInput(), Console.OpenStandardOutput());
        // Only the protocol may write to stdout.
        Console.SetOut(Console.Error);
        // Ctrl-C in a terminal reaches all processes. The parent decides when this one stops.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        // The extension blocks a thread for each orchestrator that runs, and the pool of a small
        // machine grows slowly.
        ThreadPool.SetMinThreads(64, 64);
        try
        {
            JObject start = await parent.ReadStartAsync();
            Task stop = parent.ListenAsync();
            Invocations.Parent = parent;
            var api = new ManagementApi(new Uri((string)start["webhook"]!));
            using IHost host = WebJobsHost.Build((JObject)start["hostJson"]!, GeneratedFunctions.From((JArray)start["functions"]!), api);
            await host.StartAsync();
            string address = await api.ListenAsync();
            await host.Services.GetRequiredService<IJobHost>().CallAsync(nameof(ClientBinding));
            parent.Send(new JObject
            {
                ["type"] = "started",
                ["client"] = ClientBinding.Json,
                ["management"] = address,
                ["versions"] = WebJobsHost.Versions(),
            });
            await stop;
            await host.StopAsync(LongestDrain);
            await api.StopAsync();
            return 0;
        }
        catch (Exception error)
        {
            parent.Send(new JObject { ["type"] = "failed", ["message"] = error.Message });
            return 1;
        }
    }
}

/// <summary>
/// A function that has only the durable client. The parent gives its JSON to the functions of the
/// app.
/// </summary>
public static class ClientBinding
{
    internal static string? Json { get; private set; }

    [FunctionName(nameof(ClientBinding))]
    [NoAutomaticTrigger]
    public static void Read([DurableClient] string client) => Json = client;
}

using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Script.Workers.Rpc;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ExtensionHost;

/// <summary>
/// Sends invocations of the generated functions to the parent process. Public, because those
/// functions are in another assembly.
/// </summary>
public static class Invocations
{
    internal static Parent Parent { get; set; } = null!;

    public static Task<object?> Invoke(string function, string binding, string? input, string client, IBinder binder)
    {
        var invocation = new JObject
        {
            ["function"] = function,
            ["input"] = input,
            ["client"] = client,
            ["metadata"] = Metadata(binding, ((Microsoft.Azure.WebJobs.Binder)binder).BindingData),
        };
        // On another thread: the extension blocks the orchestrator's thread until the outcome has
        // arrived.
        return Task.Run(async () => Returned(await Parent.InvokeAsync(invocation)));
    }

    /// <summary>What the function returned; a text that is no JSON object stays a text.</summary>
    private static object? Returned(JObject outcome) => (string?)outcome["type"] == "failure"
        ? throw new RpcException("Failure", (string)outcome["message"]!, (string)outcome["stack"]!)
        : Json.Read<object>((string)outcome["returned"]!);

    /// <summary>
    /// The trigger metadata in the form for the worker: texts unchanged, everything else as JSON.
    /// </summary>
    private static JObject Metadata(string binding, IReadOnlyDictionary<string, object> data)
    {
        var metadata = new JObject();
        // Without the trigger itself: for an orchestrator that is the whole history again.
        foreach ((string name, object? value) in data)
        {
            if (value is null || name.Equals(binding, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            metadata[name] = value is string text
                ? new JObject { ["string"] = text }
                : new JObject { ["json"] = JsonConvert.SerializeObject(value) };
        }

        return metadata;
    }
}

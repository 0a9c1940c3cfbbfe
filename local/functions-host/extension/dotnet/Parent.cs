using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ExtensionHost;

/// <summary>The parent process: one JSON object a line, in both directions.</summary>
internal sealed class Parent(Stream input, Stream output)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly StreamReader reader = new(input, Utf8);
    private readonly StreamWriter writer = new(output, Utf8) { NewLine = "\n", AutoFlush = true };
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JObject>> waiting = new();
    private int lastId;

    public async Task<JObject> ReadStartAsync() =>
        await this.ReadAsync() ?? throw new EndOfStreamException("The parent sent no start line.");

    /// <summary>
    /// Passes the outcomes of invocations on. Completes when the parent says stop. If the parent
    /// dies before that, this process ends at once.
    /// </summary>
    public async Task ListenAsync()
    {
        while (await this.ReadAsync() is { } message)
        {
            if ((string?)message["type"] == "stop")
            {
                // What still runs needs its outcome.
                _ = this.ListenAsync();
                return;
            }

            if (this.waiting.TryRemove((int)message["id"]!, out TaskCompletionSource<JObject>? waiter))
            {
                waiter.SetResult(message);
            }
        }

        Process.GetCurrentProcess().Kill();
    }

    /// <summary>Runs a function in the parent process. Returns the outcome.</summary>
    public Task<JObject> InvokeAsync(JObject invocation)
    {
        int id = Interlocked.Increment(ref this.lastId);
        var waiter = new TaskCompletionSource<JObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        this.waiting[id] = waiter;
        invocation["type"] = "invoke";
        invocation["id"] = id;
        this.Send(invocation);
        return waiter.Task;
    }

    public void Send(JObject message)
    {
        string line = message.ToString(Formatting.None);
        lock (this.writer)
        {
            this.writer.WriteLine(line);
        }
    }

    private async Task<JObject?> ReadAsync()
    {
        string? line = await this.reader.ReadLineAsync().ConfigureAwait(false);
        return line is null ? null : Json.Read<JObject>(line);
    }
}

/// <summary>Reads JSON without converting texts to dates.</summary>
internal static class Json
{
    private static readonly JsonSerializerSettings AsWritten = new() { DateParseHandling = DateParseHandling.None };

    public static T? Read<T>(string text) => JsonConvert.DeserializeObject<T>(text, AsWritten);
}

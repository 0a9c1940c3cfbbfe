using AmqpCheck;
using Azure.Messaging.ServiceBus;

// Asks the broker of SERVICEBUS_CONNECTION each question. Writes one JSON line for each: its name,
// and what was wrong, or null.

string connection = Environment.GetEnvironmentVariable("SERVICEBUS_CONNECTION")!;
var options = new ServiceBusClientOptions { RetryOptions = new() { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(20) } };
foreach ((string name, Func<ServiceBusClient, Task> ask) in Questions.All)
{
    await using var client = new ServiceBusClient(connection, options);
    string? error = null;
    try
    {
        await ask(client);
    }
    catch (Exception thrown)
    {
        error = thrown.ToString();
    }

    Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { name, error }));
}

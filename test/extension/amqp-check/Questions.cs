using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace AmqpCheck;

/// <summary>
/// What the documentation of Service Bus promises, asked through its .NET client. Each question
/// leaves the entities empty.
/// </summary>
internal static class Questions
{
    private const string Queue = "check-queue";
    private const string Sessions = "check-sessions";
    private const string Topic = "check-topic";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    public static readonly IReadOnlyList<(string Name, Func<ServiceBusClient, Task> Ask)> All =
    [
        ("a message comes as it was sent", WholeMessage),
        ("a batch comes whole and in order", Batch),
        ("an abandoned message comes again, with one more delivery and the changed property", Abandon),
        ("a dead letter says why", DeadLetter),
        ("a message that is abandoned too often is a dead letter", MaxDeliveryCount),
        ("a deferred message is received by its number", Defer),
        ("a scheduled message comes in time, a cancelled one never", Schedule),
        ("peeking takes nothing", Peek),
        ("a renewed lock holds longer", RenewLock),
        ("receive and delete", ReceiveAndDelete),
        ("a session has its messages in order, and a state", Session),
        ("subscriptions take what their rules say, and duplicates are dropped", Subscriptions),
        ("a processor settles what its handler was given", Processor),
        ("senders and receivers of one connection open at the same time", OpenTogether),
    ];

    private static async Task WholeMessage(ServiceBusClient client)
    {
        var sent = new ServiceBusMessage(new byte[] { 0, 1, 127, 128, 255 })
        {
            MessageId = Guid.NewGuid().ToString(),
            CorrelationId = "correlation",
            Subject = "subject",
            ContentType = "application/octet-stream",
            To = "to",
            ReplyTo = "reply-to",
            ReplyToSessionId = "reply-session",
            TimeToLive = TimeSpan.FromMinutes(5),
            ApplicationProperties =
            {
                ["text"] = "ü", ["int"] = 1, ["long"] = 1L << 40, ["double"] = 1.5, ["bool"] = true, ["guid"] = Guid.Empty,
                ["date"] = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            },
        };
        ServiceBusReceiver receiver = client.CreateReceiver(Queue);
        await client.CreateSender(Queue).SendMessageAsync(sent);
        ServiceBusReceivedMessage got = await ReceiveAndComplete(receiver);
        Same(Convert.ToHexString(sent.Body), Convert.ToHexString(got.Body), "body");
        Same(sent.MessageId, got.MessageId, "MessageId");
        Same(sent.CorrelationId, got.CorrelationId, "CorrelationId");
        Same(sent.Subject, got.Subject, "Subject");
        Same(sent.ContentType, got.ContentType, "ContentType");
        Same(sent.To, got.To, "To");
        Same(sent.ReplyTo, got.ReplyTo, "ReplyTo");
        Same(sent.ReplyToSessionId, got.ReplyToSessionId, "ReplyToSessionId");
        Same(sent.TimeToLive, got.TimeToLive, "TimeToLive");
        Same(1, got.DeliveryCount, "DeliveryCount");
        foreach ((string name, object value) in sent.ApplicationProperties)
        {
            Same(value, got.ApplicationProperties[name], name);
        }

        Same(true, got.SequenceNumber > 0, "SequenceNumber");
        Same(true, got.LockedUntil > DateTimeOffset.UtcNow, "LockedUntil");
        Same(true, got.EnqueuedTime > DateTimeOffset.UtcNow.AddMinutes(-1), "EnqueuedTime");
    }

    private static async Task Batch(ServiceBusClient client)
    {
        ServiceBusSender sender = client.CreateSender(Queue);
        using ServiceBusMessageBatch batch = await sender.CreateMessageBatchAsync();
        string[] sent = [.. Enumerable.Range(0, 5).Select(index => $"batch {index}")];
        Same(true, sent.All(body => batch.TryAddMessage(new ServiceBusMessage(body))), "added");
        await sender.SendMessagesAsync(batch);
        Same(Joined(sent), Joined(await Drain(client.CreateReceiver(Queue))), "bodies");
    }

    private static async Task Abandon(ServiceBusClient client)
    {
        ServiceBusReceiver receiver = client.CreateReceiver(Queue);
        var sent = new ServiceBusMessage("abandoned") { ApplicationProperties = { ["kept"] = "k" } };
        await client.CreateSender(Queue).SendMessageAsync(sent);
        await receiver.AbandonMessageAsync(await Receive(receiver), new Dictionary<string, object> { ["changed"] = "c" });
        ServiceBusReceivedMessage again = await ReceiveAndComplete(receiver);
        Same(2, again.DeliveryCount, "DeliveryCount");
        Same("k", again.ApplicationProperties["kept"], "kept");
        Same("c", again.ApplicationProperties["changed"], "changed");
    }

    private static async Task DeadLetter(ServiceBusClient client)
    {
        ServiceBusReceiver receiver = client.CreateReceiver(Queue);
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("dead"));
        await receiver.DeadLetterMessageAsync(await Receive(receiver), "the reason", "the description");
        ServiceBusReceivedMessage dead = await ReceiveAndComplete(DeadLetters(client));
        Same("dead", dead.Body.ToString(), "body");
        Same("the reason", dead.DeadLetterReason, "reason");
        Same("the description", dead.DeadLetterErrorDescription, "description");
    }

    private static async Task MaxDeliveryCount(ServiceBusClient client)
    {
        ServiceBusReceiver receiver = client.CreateReceiver(Queue);
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("in vain"));
        for (int delivery = 1; delivery <= 3; delivery++)
        {
            await receiver.AbandonMessageAsync(await Receive(receiver));
        }

        Same("MaxDeliveryCountExceeded", (await ReceiveAndComplete(DeadLetters(client))).DeadLetterReason, "reason");
    }

    private static async Task Defer(ServiceBusClient client)
    {
        ServiceBusReceiver receiver = client.CreateReceiver(Queue);
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("deferred"));
        ServiceBusReceivedMessage got = await Receive(receiver);
        await receiver.DeferMessageAsync(got);
        Same(null, await receiver.ReceiveMessageAsync(Moment), "what is left");
        ServiceBusReceivedMessage deferred = await receiver.ReceiveDeferredMessageAsync(got.SequenceNumber);
        Same("deferred", deferred.Body.ToString(), "body");
        await receiver.CompleteMessageAsync(deferred);
    }

    private static async Task Schedule(ServiceBusClient client)
    {
        ServiceBusSender sender = client.CreateSender(Queue);
        ServiceBusReceiver receiver = client.CreateReceiver(Queue);
        DateTimeOffset due = DateTimeOffset.UtcNow.AddSeconds(2);
        await sender.ScheduleMessageAsync(new ServiceBusMessage("scheduled"), due);
        await sender.CancelScheduledMessageAsync(await sender.ScheduleMessageAsync(new ServiceBusMessage("cancelled"), due));
        Same("scheduled", (await ReceiveAndComplete(receiver)).Body.ToString(), "body");
        Same(true, DateTimeOffset.UtcNow >= due.AddMilliseconds(-200), "not before its time");
        Same(null, await receiver.ReceiveMessageAsync(Moment), "the cancelled one");
    }

    private static async Task Peek(ServiceBusClient client)
    {
        ServiceBusReceiver receiver = client.CreateReceiver(Queue);
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("peeked"));
        Same("peeked", (await receiver.PeekMessageAsync()).Body.ToString(), "peeked");
        Same(1, (await ReceiveAndComplete(receiver)).DeliveryCount, "DeliveryCount");
    }

    private static async Task RenewLock(ServiceBusClient client)
    {
        ServiceBusReceiver receiver = client.CreateReceiver(Queue);
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("renewed"));
        ServiceBusReceivedMessage got = await Receive(receiver);
        DateTimeOffset before = got.LockedUntil;
        await Task.Delay(Moment);
        await receiver.RenewMessageLockAsync(got);
        Same(true, got.LockedUntil >= before + (Moment / 2), "locked longer");
        await Task.Delay(before - DateTimeOffset.UtcNow + (Moment / 4));
        await receiver.CompleteMessageAsync(got);
    }

    private static async Task ReceiveAndDelete(ServiceBusClient client)
    {
        var options = new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete };
        ServiceBusReceiver receiver = client.CreateReceiver(Queue, options);
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("taken"));
        Same("taken", (await Receive(receiver)).Body.ToString(), "body");
        Same(null, await receiver.PeekMessageAsync(), "what is left");
    }

    private static async Task Session(ServiceBusClient client)
    {
        string id = Guid.NewGuid().ToString();
        ServiceBusSender sender = client.CreateSender(Sessions);
        await sender.SendMessageAsync(new ServiceBusMessage("one") { SessionId = id });
        await sender.SendMessageAsync(new ServiceBusMessage("two") { SessionId = id });
        await using (ServiceBusSessionReceiver first = await client.AcceptNextSessionAsync(Sessions))
        {
            Same(id, first.SessionId, "SessionId");
            await first.SetSessionStateAsync(BinaryData.FromString("state"));
            await first.RenewSessionLockAsync();
            Same("one", (await ReceiveAndComplete(first)).Body.ToString(), "first");
        }

        await using ServiceBusSessionReceiver second = await client.AcceptSessionAsync(Sessions, id);
        Same("state", (await second.GetSessionStateAsync()).ToString(), "state");
        Same("two", (await ReceiveAndComplete(second)).Body.ToString(), "second");
    }

    private static async Task Subscriptions(ServiceBusClient client)
    {
        string id = Guid.NewGuid().ToString();
        ServiceBusSender sender = client.CreateSender(Topic);
        foreach (string outcome in new[] { "Failed", "Failed", "Succeeded" })
        {
            await sender.SendMessageAsync(new ServiceBusMessage(outcome)
            {
                MessageId = $"{id}-{outcome}",
                ApplicationProperties = { ["outcome"] = outcome },
            });
        }

        Same("Failed, Succeeded", Joined(await Drain(client.CreateReceiver(Topic, "all"))), "all");
        Same("Failed", Joined(await Drain(client.CreateReceiver(Topic, "failed"))), "failed");
    }

    private static async Task Processor(ServiceBusClient client)
    {
        var seen = new ConcurrentBag<string>();
        var errors = new ConcurrentBag<string>();
        var options = new ServiceBusProcessorOptions { MaxConcurrentCalls = 8 };
        await using ServiceBusProcessor processor = client.CreateProcessor(Queue, options);
        processor.ProcessMessageAsync += async arguments =>
        {
            await Task.Delay(20);
            seen.Add(arguments.Message.Body.ToString());
        };
        processor.ProcessErrorAsync += arguments =>
        {
            errors.Add(arguments.Exception.Message);
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();
        string[] sent = [.. Enumerable.Range(0, 100).Select(index => $"processed {index}")];
        await client.CreateSender(Queue).SendMessagesAsync(sent.Select(body => new ServiceBusMessage(body)));
        await Until(() => seen.Count >= sent.Length);
        await processor.StopProcessingAsync();
        Same(string.Empty, Joined(errors), "errors");
        Same(Joined(sent.Order()), Joined(seen.Order()), "each once");
        Same(null, await client.CreateReceiver(Queue).ReceiveMessageAsync(Moment), "what is left");
    }

    private static async Task OpenTogether(ServiceBusClient client)
    {
        int[] four = [1, 2, 3, 4];
        await Task.WhenAll(four.Select(_ => client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("together"))));
        ServiceBusReceivedMessage[] got = await Task.WhenAll(four.Select(_ => ReceiveAndComplete(client.CreateReceiver(Queue))));
        Same(4, got.Select(message => message.SequenceNumber).Distinct().Count(), "messages");
    }

    private static async Task<ServiceBusReceivedMessage> Receive(ServiceBusReceiver receiver) =>
        await receiver.ReceiveMessageAsync(Patience) ?? throw new TimeoutException("no message came");

    private static async Task<ServiceBusReceivedMessage> ReceiveAndComplete(ServiceBusReceiver receiver)
    {
        ServiceBusReceivedMessage got = await Receive(receiver);
        await receiver.CompleteMessageAsync(got);
        return got;
    }

    private static async Task<IReadOnlyList<string>> Drain(ServiceBusReceiver receiver)
    {
        var bodies = new List<string>();
        while (await receiver.ReceiveMessageAsync(Moment) is { } got)
        {
            bodies.Add(got.Body.ToString());
            await receiver.CompleteMessageAsync(got);
        }

        return bodies;
    }

    private static ServiceBusReceiver DeadLetters(ServiceBusClient client) =>
        client.CreateReceiver(Queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

    private static async Task Until(Func<bool> condition)
    {
        DateTime giveUp = DateTime.UtcNow + Patience;
        while (!condition() && DateTime.UtcNow < giveUp)
        {
            await Task.Delay(50);
        }
    }

    private static string Joined(IEnumerable<string> texts) => string.Join(", ", texts);

    private static void Same(object? expected, object? found, string what)
    {
        if (!Equals(expected, found))
        {
            throw new InvalidOperationException($"{what}: expected {expected ?? "nothing"}, found {found ?? "nothing"}");
        }
    }
}

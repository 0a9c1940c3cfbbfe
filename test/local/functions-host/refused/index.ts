import { app, input, output } from "@azure/functions";

// One function that the development host does not run; the environment says which.

const handler = () => {};
const queue = { connection: "C", queueName: "q", handler };
const elsewhere = output.storageQueue({ connection: "C", queueName: "q" });

const functions: Readonly<Record<string, () => void>> = {
  queueTrigger: () => app.storageQueue("refused", queue),
  blobTrigger: () => app.storageBlob("refused", { connection: "C", path: "p", handler }),
  eventHubTrigger: () => app.eventHub("refused", { connection: "C", eventHubName: "e", handler }),
  eventGridTrigger: () => app.eventGrid("refused", { handler }),
  cosmosDBTrigger: () => app.cosmosDB("refused", { connection: "C", databaseName: "d", containerName: "c", handler }),
  warmupTrigger: () => app.warmup("refused", { handler }),
  "cardinality many": () => app.serviceBusQueue("refused", { ...queue, cardinality: "many" }),
  isSessionsEnabled: () => app.serviceBusQueue("refused", { ...queue, isSessionsEnabled: true }),
  sdkBinding: () => app.serviceBusQueue("refused", { ...queue, sdkBinding: true }),
  serviceBus: () => app.serviceBusQueue("refused", { ...queue, return: output.serviceBusQueue({ connection: "C", queueName: "q" }) }),
  queue: () => app.serviceBusQueue("refused", { ...queue, extraOutputs: [elsewhere] }),
  blob: () => app.serviceBusQueue("refused", { ...queue, extraInputs: [input.storageBlob({ connection: "C", path: "p" })] }),
  "retry policies": () =>
    app.timer("refused", { schedule: "0 0 * * * *", retry: { strategy: "fixedDelay", maxRetryCount: 2, delayInterval: 1_000 }, handler }),
  "durable-functions 4": () =>
    app.generic("refused", { trigger: { type: "activityTrigger", name: "work", durableRequiresGrpc: true }, handler }),
  enableHttpStream() {
    app.setup({ enableHttpStream: true });
    app.http("refused", { handler: () => ({}) });
  },
  "the route items/{id:int}": () => app.http("refused", { route: "items/{id:int}", handler: () => ({}) }),
  "the route items/{*rest}": () => app.http("refused", { route: "items/{*rest}", handler: () => ({}) }),
  "the route item-{id?}": () => app.http("refused", { route: "item-{id?}", handler: () => ({}) }),
};
functions[process.env["REFUSED"] ?? ""]?.();

import type { AddressInfo, Server } from "node:net";
import { type Clock, createClock } from "../clock.ts";
import { types } from "./amqp-values.ts";
import { readConfig } from "./config.ts";
import { createEntities } from "./entities.ts";
import { amqpErrorOf, managementStatusOf, ServiceBusError } from "./errors.ts";
import { createLinks } from "./links.ts";
import { runOperation } from "./management.ts";
import { inMemory } from "./records.ts";
import * as adapter from "./rhea-adapter.ts";
import { openStore } from "./sqlite-store.ts";
import { createThrottle } from "./throttle.ts";

/** Credit for senders. A client without credit waits for a whole retry delay of 30 s. */
const SENDER_CREDIT = 2000;
const IDLE_TIMEOUT_MS = 240_000;

/** A running broker. */
export interface ServiceBus {
  readonly port: number;
  readonly connectionString: string;
  /** Breaks every connection without an AMQP close, as a network failure does. */
  dropConnections(): void;
  /** Ends every lock now, as if it had not been renewed in time. */
  expireLocks(): void;
  /** Refuses the next sends, attaches of receivers and management requests with `server-busy`. */
  serverBusy(operations: number): void;
  /**
   * Detaches every link of an entity with an error, as a namespace does when it moves the entity to
   * another node.
   */
  detachLinks(entity: string): void;
  close(): Promise<void>;
}

/** Options of the broker. Without a data directory it keeps everything in memory only. */
export interface ServiceBusOptions {
  readonly port: number;
  readonly configFile: string;
  readonly dataDirectory?: string;
  /** The time that receivers see as enqueued time. Everything else uses real time. */
  readonly clock?: Clock;
}

/**
 * Starts the broker with the entities of a Config.json. It accepts every access key, so it listens
 * on loopback only. Port 0 means a free one.
 */
export async function startServiceBus({
  port,
  configFile,
  dataDirectory,
  clock = createClock({}),
}: ServiceBusOptions): Promise<ServiceBus> {
  const config = readConfig(configFile);
  const store = dataDirectory === undefined ? inMemory : openStore(dataDirectory);
  const entities = createEntities(config, store);
  const throttle = createThrottle();
  const links = createLinks(entities, throttle, clock);
  const container = adapter.createContainer();
  const connections = new Map<adapter.Connection, Set<adapter.Sender | adapter.Receiver>>();
  /** The links for responses of `$cbs` and `$management`, by connection and reply address. */
  const replies = new WeakMap<adapter.Connection, Map<string, adapter.Sender>>();

  container.on("connection_open", ({ connection }: adapter.EventContext) => {
    connections.set(connection, new Set());
    adapter.writeTogether(connection, store.commit);
    adapter.acknowledgeReads(connection);
  });

  container.on("receiver_open", ({ receiver, connection }: adapter.EventContext) => {
    if (!receiver) return;
    adapter.acceptSettleModes(receiver);
    connections.get(connection)?.add(receiver);
    if (receiver.target?.address === "$cbs") return receiver.set_target({ address: "$cbs" });
    attachOrClose(receiver, () => links.attachSending(receiver));
  });

  container.on("sender_open", ({ sender, connection }: adapter.EventContext) => {
    if (!sender) return;
    adapter.acceptSettleModes(sender);
    const address = String(sender.source?.address);
    sender.set_target({ address: sender.target?.address });
    attachOrClose(sender, () => {
      const entity = address === "$cbs" ? undefined : entities.find(address);
      if (!entity || entity.management) {
        sender.set_source({ address });
        const known = replies.get(connection) ?? new Map<string, adapter.Sender>();
        // A `$cbs` receiver has no target, so its name is its address.
        for (const key of [sender.target?.address, sender.name]) if (key) known.set(String(key), sender);
        replies.set(connection, known);
        return;
      }
      connections.get(connection)?.add(sender);
      if (entity.kind === "topic")
        throw new ServiceBusError("amqp:not-allowed", `Cannot receive from the topic '${address}'; receive from a subscription.`);
      links.attachReceiving(sender, entity.queue);
    });
  });

  container.on("message", ({ receiver, message, delivery, connection, ...more }: adapter.EventContext) => {
    if (!receiver || !delivery) return;
    if (receiver.target?.address === "$cbs") {
      delivery.accept();
      return reply(
        connection,
        message as unknown as Request,
        { "status-code": types.wrap_int(202), "status-description": "Accepted" },
        undefined,
      );
    }
    const entity = links.entityOf(receiver);
    if (!entity) return void delivery.release();
    // A message that arrives after its link was detached is dropped: the client gets no response
    // any more and sends it again.
    if (!receiver.is_open()) return;
    if (!entity.management) {
      const { format } = more as { format?: number };
      return links.transfer(entity, message as unknown as Buffer, delivery, format ?? 0);
    }
    delivery.accept();
    respondToManagement(connection, entity, message as unknown as Request);
  });

  interface Request {
    readonly message_id: unknown;
    readonly reply_to: string;
    readonly application_properties?: Readonly<Record<string, unknown>>;
    readonly body?: Readonly<Record<string, unknown>>;
  }

  function respondToManagement(connection: adapter.Connection, entity: ReturnType<typeof entities.find>, request: Request): void {
    const statusFields = (code: number, description: string) => ({ statusCode: types.wrap_int(code), statusDescription: description });
    try {
      throttle.pass();
      const result = runOperation(entity, String(request.application_properties?.["operation"]), request.body ?? {});
      if (result === "none") reply(connection, request, statusFields(204, "No Content"), types.wrap_map({}));
      else reply(connection, request, statusFields(200, "OK"), types.wrap_map(result));
    } catch (error) {
      const { condition, description } = amqpErrorOf(error);
      // Without the condition the client would guess a wrong one from the number.
      reply(
        connection,
        request,
        { ...statusFields(managementStatusOf({ condition }), description), errorCondition: types.wrap_symbol(condition) },
        undefined,
      );
    }
  }

  function reply(connection: adapter.Connection, { message_id, reply_to }: Request, properties: object, body: unknown): void {
    const to = replies.get(connection)?.get(reply_to);
    to?.send({ correlation_id: message_id, application_properties: properties, body } as never);
  }

  container.on("accepted", ({ delivery }: adapter.EventContext) => delivery && links.settle(delivery, { verb: "complete" }));
  container.on("released", ({ delivery }: adapter.EventContext) => {
    if (delivery && !adapter.isModified(delivery)) links.settle(delivery, { verb: "abandon" });
  });
  container.on("modified", ({ delivery }: adapter.EventContext) => {
    const { undeliverable_here, message_annotations } = ((delivery as { remote_state?: unknown } | undefined)?.remote_state ??
      {}) as Record<string, unknown>;
    const properties = message_annotations ? { properties: message_annotations as Record<string, unknown> } : {};
    if (delivery) links.settle(delivery, { verb: undeliverable_here ? "defer" : "abandon", ...properties });
  });
  container.on("rejected", ({ delivery }: adapter.EventContext) => {
    const { error } = ((delivery as { remote_state?: unknown } | undefined)?.remote_state ?? {}) as {
      error?: { info?: Record<string, unknown> };
    };
    const { DeadLetterReason: reason, DeadLetterErrorDescription: description, ...properties } = error?.info ?? {};
    const why = { ...(typeof reason === "string" ? { reason } : {}), ...(typeof description === "string" ? { description } : {}) };
    if (delivery) links.settle(delivery, { verb: "deadLetter", ...why, properties });
  });

  container.on("sendable", ({ sender }: adapter.EventContext) => sender && links.sendable(sender));
  container.on("sender_draining", ({ sender }: adapter.EventContext) => sender && links.drain(sender));
  const forget = (connection: adapter.Connection, link: adapter.Sender | adapter.Receiver | undefined) => {
    if (!link) return;
    links.detach(link);
    connections.get(connection)?.delete(link);
  };
  for (const event of ["sender_close", "sender_detached", "receiver_close", "receiver_detached"])
    container.on(event, ({ sender, receiver, connection }: adapter.EventContext) => forget(connection, sender ?? receiver));
  container.on("session_close", ({ session, connection }: adapter.EventContext) => {
    for (const link of connections.get(connection) ?? []) if (link.session === session) forget(connection, link);
  });
  for (const event of ["connection_close", "disconnected"]) {
    container.on(event, ({ connection }: adapter.EventContext) => {
      for (const link of connections.get(connection) ?? []) forget(connection, link);
      connections.delete(connection);
    });
  }
  // rhea throws events without a listener. Clients may disconnect at any time.
  for (const event of ["connection_error", "session_error", "sender_error", "receiver_error", "protocol_error", "error", "settled"])
    container.on(event, () => {});

  const listening = {
    host: "127.0.0.1",
    port,
    idle_time_out: IDLE_TIMEOUT_MS,
    tcp_no_delay: true,
    receiver_options: { credit_window: SENDER_CREDIT, autoaccept: false },
  };
  const server = container.listen(listening as never) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", (error: NodeJS.ErrnoException) => {
      entities.close();
      store.close();
      reject(error.code === "EADDRINUSE" ? new Error(`Port ${port} is in use; choose another one with --service-bus-port.`) : error);
    });
  });
  const taken = (server.address() as AddressInfo).port;
  const breakConnections = () => {
    // With an error, because rhea ignores a socket that only closes: its links would go on
    // receiving messages.
    for (const connection of connections.keys()) adapter.socketOf(connection)?.destroy(new Error("severed"));
  };
  return {
    port: taken,
    connectionString: `Endpoint=sb://127.0.0.1:${taken};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=local;UseDevelopmentEmulator=true;`,
    dropConnections: breakConnections,
    expireLocks: entities.expireLocks,
    serverBusy: throttle.serverBusy,
    detachLinks(entity) {
      for (const [connection, open] of connections) {
        for (const link of [...open].filter((each) => adapter.addressOf(each).toLowerCase() === entity.toLowerCase())) {
          forget(connection, link);
          link.close({ condition: "amqp:link:detach-forced", description: `The link of '${entity}' is force detached.` });
        }
      }
    },
    async close() {
      entities.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      breakConnections();
      await closed;
      store.close();
    },
  };
}

/** Runs `attach`. If it throws, detaches the link with the reason. */
function attachOrClose(link: adapter.Sender | adapter.Receiver, attach: () => void): void {
  try {
    attach();
  } catch (error) {
    link.close(amqpErrorOf(error));
  }
}

import assert from "node:assert/strict";
import type { ServiceBusMessage, ServiceBusReceivedMessage } from "@azure/service-bus";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import { eventually } from "./eventually.ts";
import type { SeenRequest, startTestStack } from "./running-stack.ts";
import { sampleEvent, structured } from "./sample.ts";

type TestStack = Awaited<ReturnType<typeof startTestStack>>;
type Stack = Pick<TestStack, "received" | "steps" | "send" | "azure" | "seen"> & {
  readonly stack: { readonly endpoints: { readonly functionsHost: string } };
};
export type SampleEvent = ReturnType<typeof sampleEvent>;

/** The sample for its own connection, on a gateway by its number. */
export function requestFor(gateway: number, connectionName: string, more: Readonly<Record<string, unknown>> = {}): SampleEvent {
  return sampleEvent((event) => {
    Object.assign(event.data.target, { gatewayName: `gateway${gateway}`, connectionName });
    Object.assign(event.data, more);
  });
}

/** An event by which the source of a request asks for it to be stopped. */
export function cancellationOf({ id, source }: { id: string; source: string }): SampleEvent {
  const type = "vpn-connection.provision.cancel.requested.v1";
  return sampleEvent((event) => Object.assign(event, { type, source, data: { requestSource: source, requestId: id } }));
}

/**
 * What a requester, an operator and Azure say of requests: the verbs of tests that send messages in
 * and look at what comes out.
 */
export function requester(stack: Stack) {
  const management = `${stack.stack.endpoints.functionsHost}/runtime/webhooks/durabletask/instances`;
  const idOf = ({ source, id }: { source: string; id: string }) => instanceIdOf(source, id);

  /** Every event about a request so far, in order of arrival. */
  const answersTo = ({ id }: { id: string }): ServiceBusReceivedMessage[] =>
    stack.received.filter(({ body }) => body.data.requestId === id);

  /** The PUTs of a connection, in order. */
  const putsOf = async (connectionName: string): Promise<SeenRequest[]> =>
    (await stack.seen()).filter(({ method, url }) => method === "PUT" && url.includes(`/vpnConnections/${connectionName}?`));

  return {
    idOf,
    answersTo,
    putsOf,
    send: (event: object, more: Partial<ServiceBusMessage> = {}) => stack.send(structured(event, more)),

    /** Waits for the first answer to a request. */
    answerTo: (request: { id: string }, boundMs = 30_000): Promise<ServiceBusReceivedMessage> =>
      eventually(`the answer to ${request.id}`, () => answersTo(request)[0], boundMs),

    /** Waits until the log tells a step of a request. */
    reaches: (request: { source: string; id: string }, step: string, boundMs = 30_000) =>
      eventually(
        `${request.id} reaches ${step}`,
        () => stack.steps.find((seen) => seen.step === step && seen["instanceId"] === idOf(request)),
        boundMs,
      ),

    /** Waits until the custom status of a request has the given fields. */
    shows: (request: { source: string; id: string }, fields: Readonly<Record<string, unknown>>, boundMs = 30_000) =>
      eventually(
        `${request.id} shows ${JSON.stringify(fields)}`,
        async () => {
          const response = await fetch(`${management}/${idOf(request)}?showInput=false`);
          if (response.status === 404) return false;
          const { customStatus } = (await response.json()) as { customStatus: Record<string, unknown> | null };
          return Object.entries(fields).every(([name, value]) => customStatus?.[name] === value);
        },
        boundMs,
      ),

    /** Ends an instance as an operator does. */
    async terminate(request: { source: string; id: string }): Promise<void> {
      const response = await fetch(`${management}/${idOf(request)}/terminate?reason=test`, { method: "POST" });
      assert.equal(response.status, 202);
    },

    /**
     * Scripts how long Azure works on a connection, in seconds of product time, and how long it
     * asks callers to wait between polls.
     */
    async takes(connectionName: string, seconds: number, retryAfterSeconds = 15): Promise<void> {
      const headers = { "retry-after": String(retryAfterSeconds) };
      const { status } = await stack.azure("POST", "/local/faults", [
        { connection: connectionName, on: "put", times: "always", operation: { seconds }, headers },
        { connection: connectionName, on: "poll", times: "always", headers },
      ]);
      assert.equal(status, 204);
    },

    /** The one PUT of a connection that Azure took; fails where it is not alone. */
    async onlyPutOf(connectionName: string): Promise<SeenRequest> {
      const puts = await putsOf(connectionName);
      assert.deepEqual(
        puts.map(({ status }) => status),
        [201],
        `the PUTs of ${connectionName}`,
      );
      return puts[0] as SeenRequest;
    },
  };
}

/** What an answer says in short. */
export function said({ body }: ServiceBusReceivedMessage): readonly [outcome: string, problem: string | null] {
  return [body.data.outcome, body.data.problem?.code ?? null];
}

import type { InvocationContext } from "@azure/functions";
import type { Outbox } from "../../azure/service-bus.ts";
import type { RequestQueues } from "../../shared/access/request-queues.ts";
import type { Policy } from "../../shared/policy.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { durableClientOf } from "../durable/durable-client.ts";
import type { Invocation } from "../durable/ensure-instance.ts";
import { type LogStep, logStepOf } from "../durable/log-step.ts";
import type { Clock } from "../durable/retry.ts";

/** What handling messages needs. */
export interface IntakeDependencies extends Clock {
  readonly keys: KeyRing;
  readonly outbox: Outbox;
  readonly queues: RequestQueues;
  readonly policy: Policy;
}

/** The handling of one message, in one invocation with several tries. */
export interface Intake extends IntakeDependencies, Invocation {
  readonly log: LogStep;
  /** The trace of the invocation, for a message without a trace. */
  readonly traceparent: string | null;
}

/** Opens the handling of one message. */
export function openIntake(dependencies: IntakeDependencies, context: InvocationContext): Intake {
  return {
    ...dependencies,
    client: durableClientOf(context),
    started: new Set(),
    log: logStepOf(context),
    traceparent: context.traceContext?.traceParent ?? null,
  };
}

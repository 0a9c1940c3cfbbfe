import type { InvocationContext } from "@azure/functions";
import type { Outbox } from "../../azure/service-bus.ts";
import type { Tracing } from "../../azure/tracing.ts";
import type { RequestQueues } from "../../shared/access/request-queues.ts";
import type { WriteStep } from "../../shared/log/steps.ts";
import type { Policy } from "../../shared/policy.ts";
import type { KeyRing } from "../../shared/secrets/key-ring.ts";
import { durableClientOf } from "../durable/durable-client.ts";
import type { Invocation } from "../durable/ensure-instance.ts";
import { logStepOf } from "../durable/log-step.ts";
import type { Clock } from "../durable/retry.ts";

/** The dependencies of the functions that handle messages. */
export interface IntakeDependencies extends Clock {
  readonly keys: KeyRing;
  readonly outbox: Outbox;
  readonly queues: RequestQueues;
  readonly policy: Policy;
  /** Undefined if no spans are recorded. */
  readonly tracing?: Tracing | undefined;
}

/** What handling one message needs, for all tries of one invocation. */
export interface Intake extends IntakeDependencies, Invocation {
  readonly log: WriteStep;
  /**
   * The trace context of the invocation. A request gets it if neither its envelope nor its message
   * has one.
   */
  readonly traceparent: string | null;
}

/** Returns what handling one message needs. */
export function openIntake(dependencies: IntakeDependencies, context: InvocationContext): Intake {
  return {
    ...dependencies,
    client: durableClientOf(context),
    started: new Set(),
    log: logStepOf(context),
    traceparent: context.traceContext?.traceParent ?? null,
  };
}

import type { Outbox } from "../../azure/service-bus.ts";
import type { Tracing } from "../../azure/tracing.ts";
import { problem } from "../../shared/contract/problem.ts";
import { instanceIdInEventId } from "../../shared/durable/instance-id.ts";
import { completionLineOf } from "../../shared/log/completion-line.ts";
import type { ActivityNamed } from "./activity.ts";
import { publishOrShorten } from "./publish-or-shorten.ts";

interface Dependencies {
  readonly outbox: Outbox;
  /** The version of the app, for the log. */
  readonly version: string;
  readonly tracing?: Tracing | undefined;
}

/**
 * Publishes the completion, and makes the trace of the whole request from it. If the broker does
 * not accept it, returns that it must be tried again later.
 */
export function publishCompletion({ outbox, version, tracing }: Dependencies): ActivityNamed<"publishCompletion"> {
  return async (completion, log) => {
    const { id } = completion.event;
    const about = { instanceId: instanceIdInEventId(id), eventId: id };
    let form: "whole" | "minimal";
    try {
      form = await publishOrShorten(outbox, completion);
    } catch (error) {
      const name = error instanceof Error ? ("code" in error ? String(error.code) : error.name) : "unknown";
      log("unpublished", { ...about, error: name });
      return { later: { class: "broker", problem: problem("ServiceUnavailable", `Service Bus did not accept the completion (${name}).`) } };
    }
    tracing?.addAnswer(completion);
    log("published", { ...about, ...completionLineOf(completion), form, version });
    return { ok: true };
  };
}

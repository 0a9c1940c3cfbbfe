import { ServiceBusError } from "@azure/service-bus";
import type { ManualClock } from "../../local/clock.ts";
import type { ArmResponse } from "../../shared/arm/response.ts";
import { type Call, networkError } from "../support/simulated-azure.ts";

/** What may go wrong with one call. */
export type FaultName =
  | "reset before send"
  | "reset after send"
  | "timeout"
  | "429 with Retry-After"
  | `${408 | 409 | 412 | 429 | 500 | 502 | 503 | 504 | 401 | 403 | 404}`
  | "HTML body"
  | "truncated JSON";

/** The wait that throttling asks for, in seconds. */
const THROTTLED_SECONDS = 120;

/**
 * What Resource Manager says with a status; where it is not listed it says nothing that is known.
 */
const codes: Readonly<Record<number, string>> = {
  401: "InvalidAuthenticationToken",
  403: "AuthorizationFailed",
  404: "ResourceNotFound",
  409: "Conflict",
  412: "PreconditionFailed",
  429: "TooManyRequests",
  503: "ServerTimeout",
};

/** Lets a fault happen to a call of Resource Manager. Timeouts take the time that they take. */
export function happen(fault: FaultName, call: Call, carry: () => ArmResponse, clock: ManualClock): ArmResponse {
  switch (fault) {
    case "reset before send":
      throw networkError("ECONNRESET");
    case "reset after send":
      carry();
      throw networkError("ECONNRESET");
    case "timeout":
      // The worst of its kinds: the call arrived.
      carry();
      clock.advanceTo(clock.now() + (call.kind === "put" ? 90_000 : 30_000));
      throw Object.assign(new Error("The operation was aborted"), { name: "AbortError" });
    case "HTML body":
      // Somebody in between answers, with success.
      return { status: 200, headers: { "content-type": "text/html" }, text: "<html><body>Sign in</body></html>" };
    case "truncated JSON": {
      const answer = carry();
      return { ...answer, text: answer.text.slice(0, answer.text.length / 2) };
    }
    case "429 with Retry-After":
      return { ...refusal(429), headers: { "retry-after": String(THROTTLED_SECONDS) } };
    default:
      return refusal(Number(fault));
  }
}

function refusal(status: number): ArmResponse {
  const code = codes[status];
  const error = { code, message: `Scripted ${status}.` };
  return { status, headers: {}, text: code === undefined ? "" : JSON.stringify({ error }) };
}

/**
 * The same faults as the broker's client reports them; AMQP has neither HTML nor a body that ends
 * too early.
 */
export const brokerErrors = {
  "reset before send": new ServiceBusError("reset", "ServiceCommunicationProblem"),
  "reset after send": new ServiceBusError("reset", "ServiceCommunicationProblem"),
  timeout: new ServiceBusError("timeout", "ServiceTimeout"),
  "401": new ServiceBusError("no right", "UnauthorizedAccess"),
  "403": new ServiceBusError("full", "QuotaExceeded"),
  "404": new ServiceBusError("no topic", "MessagingEntityNotFound"),
  "429": new ServiceBusError("busy", "ServiceBusy"),
  "500": new ServiceBusError("broken", "GeneralError"),
  "503": new Error("getaddrinfo ENOTFOUND"),
} as const satisfies Partial<Record<FaultName, Error>>;

import { randomUUID } from "node:crypto";
import type { ServerCertificate } from "../certificate.ts";
import { createControl } from "../control.ts";
import type { Fault } from "../faults.ts";
import { type HttpsRequest, type Reply, startHttps } from "../https-server.ts";
import type { StateStore } from "../state-store.ts";
import type { createTokens } from "../tokens.ts";
import { createDispatcher } from "./dispatch.ts";
import type { OperationEnd } from "./operations.ts";
import { type ArmResponse, armError } from "./responses.ts";
import type { Behaviour } from "./routes.ts";

/** One request and its response. `at` is in milliseconds of the clock. The token is never kept. */
export interface SeenRequest {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number | null;
  readonly response: unknown;
  /** The operation that the request began: when it ends, and how. */
  readonly operation?: { readonly id: string; readonly endsAt: number; readonly status: OperationEnd["status"] };
}

const MAX_REQUESTS_KEPT = 50_000;

/**
 * Serves Resource Manager. The control API below `/local/` scripts faults and lists the requests.
 */
export async function startResourceManager(options: {
  port: number;
  certificate: ServerCertificate;
  tokens: ReturnType<typeof createTokens>;
  behaviour: Omit<Behaviour, "endpoint" | "kept">;
  store: StateStore;
}) {
  const { port, certificate, tokens, behaviour, store } = options;
  const { clock } = behaviour;
  let endpoint = "";
  const { handle, faults } = createDispatcher({ ...behaviour, store, endpoint: () => endpoint });
  const requests = store.map<SeenRequest>("request");
  const seen = [...requests.values()];
  let last = Number([...requests.keys()].at(-1) ?? 0);
  const control = createControl({ faults, faultOf: (given: Fault) => given, seen });
  let received = 0;

  async function serve(request: HttpsRequest, reply: Reply): Promise<void> {
    if (control.isControl(request)) return reply.send(control.handle(request));
    const { method, url, text } = request;
    const { authorization, ...others } = request.headers;
    const number = ++received;
    const at = clock.now();
    const record = (status: number | null, response: unknown, operationOfRequest?: ArmResponse["operation"]) => {
      const headers = { ...others, ...(authorization ? { authorization: `${authorization.split(" ")[0]} …` } : {}) };
      const operation = operationOfRequest && {
        id: operationOfRequest.id,
        endsAt: operationOfRequest.endsAt,
        status: operationOfRequest.end.status,
      };
      const request = {
        ...{ at, method, url, headers: headers as Record<string, string>, body: parseBody(text), status, response },
        ...(operation ? { operation } : {}),
      };
      seen.push(request);
      requests.set(String(++last), request);
      if (seen.length <= MAX_REQUESTS_KEPT) return;
      seen.shift();
      requests.delete(String(last - MAX_REQUESTS_KEPT));
    };
    const standard = {
      "x-ms-request-id": randomUUID(),
      "x-ms-correlation-request-id": String(others["x-ms-correlation-request-id"] ?? randomUUID()),
      ...(method === "GET"
        ? { "x-ms-ratelimit-remaining-subscription-reads": "11999" }
        : { "x-ms-ratelimit-remaining-subscription-writes": "1199" }),
    };
    const addStandardHeaders = (given: ArmResponse) => ({ ...given, headers: { ...standard, ...given.headers } });
    const respond = async (given: ArmResponse) => {
      record(given.status, given.body, given.operation);
      await store.committed();
      reply.send(addStandardHeaders(given));
    };

    const unauthorized = tokens.faultOf(authorization, endpoint);
    if (unauthorized) {
      const challenge = `Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="${unauthorized.message}"`;
      return respond(armError(401, unauthorized.code, unauthorized.message, { "www-authenticate": challenge }));
    }
    const { given, delaySeconds, reset } = handle({ method, url, text, number });
    if (delaySeconds > 0) await new Promise<void>((resolve) => clock.setTimer(clock.now() + delaySeconds * 1000, resolve));
    if (!reset) return respond(given);
    record(reset === "before" ? null : given.status, reset === "during" ? given.body : undefined, given.operation);
    await store.committed();
    if (reset === "during") await reply.sendHalf(addStandardHeaders(given));
    reply.destroy();
  }

  const server = await startHttps({
    port,
    certificate,
    serve,
    createErrorResponse: (message) => armError(500, "InternalServerError", message),
  });
  endpoint = server.url;
  return server;
}

function parseBody(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import type { createFaults, Fault } from "./faults.ts";
import type { EndpointResponse, HttpsRequest } from "./https-server.ts";

/**
 * A call of a control API: method, path and handler. The handler gets what the path captures and
 * the body. If it throws, the call is refused.
 */
export type ControlRoute = readonly [method: string, path: RegExp, handle: (captured: string, text: string) => EndpointResponse];

/**
 * Creates the control API of an endpoint, below `/local/`. It scripts faults, lists the requests,
 * and has the calls in `more`.
 */
export function createControl<Given>(options: {
  readonly faults: ReturnType<typeof createFaults>;
  /** Converts a fault from the words of this endpoint. */
  readonly faultOf: (given: Given) => Fault;
  readonly seen: readonly unknown[];
  readonly more?: readonly ControlRoute[];
}) {
  const { faults, faultOf, seen, more = [] } = options;
  const routes: readonly ControlRoute[] = [
    [
      "POST",
      /^\/local\/faults$/,
      (_captured, text) => {
        const script = JSON.parse(text) as Given | Given[];
        faults.add(...(Array.isArray(script) ? script : [script]).map(faultOf));
        return { status: 204 };
      },
    ],
    [
      "DELETE",
      /^\/local\/faults$/,
      () => {
        faults.clear();
        return { status: 204 };
      },
    ],
    ["GET", /^\/local\/requests$/, () => ({ status: 200, body: seen })],
    ...more,
  ];
  return {
    isControl: ({ path }: HttpsRequest): boolean => path.startsWith("/local/"),
    handle({ method, path, text }: HttpsRequest): EndpointResponse {
      const route = routes.find(([known, pattern]) => known === method && pattern.test(path));
      if (!route) return { status: 404, body: { message: "The control API has no such call; see local/azure/README.md." } };
      try {
        return route[2](route[1].exec(path)?.[1] ?? "", text);
      } catch (error) {
        return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
      }
    },
  };
}

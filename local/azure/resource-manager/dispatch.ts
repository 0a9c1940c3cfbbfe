import { createFaults, type Fault } from "../faults.ts";
import { type ArmRequest, type ArmResponse, armError } from "./responses.ts";
import { type Behaviour, createRoutes } from "./routes.ts";

/** A request without its token. `number` counts from 1. */
export type PlainRequest = Pick<ArmRequest, "method" | "url" | "text"> & { readonly number: number };

/** The result of a request: its response, and what happens to the network connection. */
export interface Handled {
  readonly given: ArmResponse;
  /** The delay of the response, in seconds of the clock. */
  readonly delaySeconds: number;
  readonly reset: Fault["reset"] | undefined;
}

/**
 * Creates the part of Resource Manager behind TLS and tokens. It finds the route of a request,
 * applies the fault script, and returns the response.
 */
export function createDispatcher(behaviour: Behaviour) {
  const { routes, nameOf } = createRoutes(behaviour);
  const faults = createFaults();
  const withoutFault = (given: ArmResponse): Handled => ({ given, delaySeconds: 0, reset: undefined });

  return {
    faults,
    handle({ method, url, text, number }: PlainRequest): Handled {
      const { pathname, searchParams } = new URL(url, behaviour.endpoint());
      const apiVersion = searchParams.get("api-version");
      if (apiVersion === null)
        return withoutFault(
          armError(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."),
        );
      if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(apiVersion))
        return withoutFault(armError(400, "InvalidApiVersionParameter", `The api-version '${apiVersion}' is invalid.`));
      const route = routes.find((known) => known.method === method && known.path.test(pathname));
      if (!route)
        return withoutFault(
          armError(
            404,
            "InvalidResourceType",
            `The local Resource Manager does not support ${method} ${pathname}; see local/azure/README.md.`,
          ),
        );
      const names = Object.fromEntries(
        Object.entries(route.path.exec(pathname)?.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value ?? "")]),
      );
      const request: ArmRequest = { method, url, apiVersion, names, text };
      const fault = faults.take(nameOf(request), route.fault, number);
      if (fault?.reset === "before") return { ...withoutFault({ status: 503 }), reset: "before" };
      const ordinary = fault?.respond ?? route.handle(request, fault);
      const given = { ...ordinary, status: fault?.status ?? ordinary.status };
      return {
        given: withHeaders(given, fault?.headers, behaviour.endpoint()),
        delaySeconds: fault?.delaySeconds ?? 0,
        reset: fault?.reset,
      };
    },
  };
}

/**
 * Returns the response with other headers. `{endpoint}` is replaced by this endpoint, `{operation}`
 * by the URL of the operation in the ordinary response, and `{result}` by the same URL below
 * `operationResults`, as a Location header has it.
 */
function withHeaders(response: ArmResponse, changes: Fault["headers"], endpoint: string): ArmResponse {
  const operation = response.headers?.["azure-asyncoperation"] ?? "";
  const urls = { "{endpoint}": endpoint, "{operation}": operation, "{result}": operation.replace("/operations/", "/operationResults/") };
  const fillUrls = (value: string) => Object.entries(urls).reduce((text, [name, url]) => text.replaceAll(name, url), value);
  const changed = Object.entries({ ...response.headers, ...changes }).filter(([, value]) => value !== null);
  return { ...response, headers: Object.fromEntries(changed.map(([name, value]) => [name, fillUrls(String(value))])) };
}

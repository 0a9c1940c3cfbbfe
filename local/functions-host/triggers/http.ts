import { type App, functionsOf, triggerOf } from "../app/load-app.ts";
import type { HttpRequest, HttpResponse } from "../http/server.ts";
import { unsupportedError } from "../unsupported-error.ts";

/**
 * Routes requests to the app's HTTP functions. A path is `/<prefix>/<route>`, with `{name}` for one
 * segment and `{name?}` for an optional one. Returns nothing if no function matches.
 */
export function createHttpRouter(app: App, prefix: string, durableClient: () => string) {
  const routes = functionsOf(app, "httpTrigger").map((target) => {
    const trigger = triggerOf(target);
    const route = String(trigger["route"] ?? target.name);
    if (/\{[^}]*[:*=][^}]*\}|[^/]\{\w+\?\}/.test(route)) throw unsupportedError(`the route ${route}`);
    const pattern = `/${route}`
      .replaceAll(/[.*+^$()|[\]\\]/g, "\\$&")
      .replaceAll(/\/\{(\w+)\?\}/g, "(?:/(?<$1>[^/]+))?")
      .replaceAll(/\{([^}]+)\}/g, "(?<$1>[^/]+)");
    return {
      target,
      methods: (trigger["methods"] as string[]).map((method) => method.toUpperCase()),
      pattern: new RegExp(`^/${prefix}${pattern}/?$`, "i"),
    };
  });
  return async ({ method, url, headers, body }: HttpRequest): Promise<HttpResponse | undefined> => {
    const route = routes.find(({ methods, pattern }) => methods.includes(method) && pattern.test(url.pathname));
    if (!route) return undefined;
    const parameters = Object.entries(route.pattern.exec(url.pathname)?.groups ?? {}).filter(([, value]) => value !== undefined);
    const wrapValues = (entries: readonly (readonly [string, string])[]) =>
      Object.fromEntries(entries.map(([name, value]) => [name, { value }]));
    const http = {
      method,
      url: url.href,
      nullableHeaders: wrapValues(Object.entries(headers)),
      nullableParams: wrapValues(parameters.map(([name, value]) => [name, decodeURIComponent(value)])),
      ...(body.length > 0 ? { body: { bytes: body } } : {}),
    };
    const { returned } = await app.invoke(route.target, { trigger: { http }, durableClient: durableClient() });
    const response = returned?.http;
    if (!response) return { status: 200 };
    if (response.cookies?.length) throw unsupportedError("cookies");
    const bytes = response.body?.bytes;
    return {
      status: Number(response.statusCode),
      ...(response.headers ? { headers: response.headers } : {}),
      ...(bytes ? { body: Buffer.from(bytes) } : {}),
    };
  };
}

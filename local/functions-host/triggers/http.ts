import { type App, functionsOf, triggerOf } from "../app/load-app.ts";
import type { HttpAnswer, HttpRequest } from "../http/server.ts";
import { refusal } from "../refusal.ts";

/**
 * Routes requests to the app's HTTP functions. A path is `/<prefix>/<route>`, with `{name}` for one
 * segment and `{name?}` for an optional one. Returns nothing if no function matches.
 */
export function httpRouter(app: App, prefix: string, durableClient: () => string) {
  const routes = functionsOf(app, "httpTrigger").map((target) => {
    const trigger = triggerOf(target);
    const route = String(trigger["route"] ?? target.name);
    if (/\{[^}]*[:*=][^}]*\}|[^/]\{\w+\?\}/.test(route)) throw refusal(`the route ${route}`);
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
  return async ({ method, url, headers, body }: HttpRequest): Promise<HttpAnswer | undefined> => {
    const route = routes.find(({ methods, pattern }) => methods.includes(method) && pattern.test(url.pathname));
    if (!route) return undefined;
    const parameters = Object.entries(route.pattern.exec(url.pathname)?.groups ?? {}).filter(([, value]) => value !== undefined);
    const values = (entries: readonly (readonly [string, string])[]) =>
      Object.fromEntries(entries.map(([name, value]) => [name, { value }]));
    const http = {
      method,
      url: url.href,
      nullableHeaders: values(Object.entries(headers)),
      nullableParams: values(parameters.map(([name, value]) => [name, decodeURIComponent(value)])),
      ...(body.length > 0 ? { body: { bytes: body } } : {}),
    };
    const { returned } = await app.invoke(route.target, { trigger: { http }, durableClient: durableClient() });
    const answer = returned?.http;
    if (!answer) return { status: 200 };
    if (answer.cookies?.length) throw refusal("cookies");
    const bytes = answer.body?.bytes;
    return {
      status: Number(answer.statusCode),
      ...(answer.headers ? { headers: answer.headers } : {}),
      ...(bytes ? { body: Buffer.from(bytes) } : {}),
    };
  };
}

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import type * as z from "zod";
import type {
  CancelRequestedEvent,
  CompletionData,
  ProvisionCompletedEvent,
  ProvisionRequestedData,
  ProvisionRequestedEvent,
} from "../../schemas/events.d.ts";
import type { cancelEventSchema } from "../../schemas/json-schema.ts";
import type { completionEventSchema } from "../../shared/contract/completion.ts";
import type { requestEventSchema, writtenDataSchema } from "../../shared/contract/request.ts";

// The types for callers: the same as the app's own, and usable from a project that has nothing but
// TypeScript.

/** A type as JSON has it: a field is there or not, never undefined, and nobody writes to it. */
type AsJson<T> = T extends readonly (infer Item)[]
  ? readonly AsJson<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: AsJson<Exclude<T[Name], undefined>> }
    : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

// Checked by the compiler alone: `npm run types` fails where one is not the other.
true satisfies Same<AsJson<z.infer<typeof requestEventSchema>>, ProvisionRequestedEvent>;
true satisfies Same<AsJson<z.infer<typeof writtenDataSchema>>, ProvisionRequestedData>;
true satisfies Same<AsJson<z.infer<typeof cancelEventSchema>>, CancelRequestedEvent>;
true satisfies Same<AsJson<z.infer<typeof completionEventSchema>>["data"], CompletionData>;
true satisfies ProvisionCompletedEvent extends AsJson<z.infer<typeof completionEventSchema>> ? true : false;
true satisfies Same<CompletionData["outcome"], ProvisionCompletedEvent["data"]["outcome"]>;

const event = (data: string) => [
  "export const event: ProvisionRequestedEvent = {",
  '  specversion: "1.0", type: "vpn-connection.provision.requested.v1", id: "1", source: "/portal",',
  `  data: { ${data} },`,
  "};",
];
const target = 'target: { subscriptionId: "s", resourceGroupName: "r", gatewayName: "g", connectionName: "c" }';
const link = (properties: string) =>
  `connection: { properties: { remoteVpnSite: { id: "/x" }, vpnLinkConnections: [{ name: "l", properties: { ${properties} } }] } }`;

/** Files of a caller, each with what the compiler says of it. */
const callers: readonly (readonly [what: string, lines: readonly string[], says: RegExp | undefined])[] = [
  [
    "a caller builds a request",
    event(`${target}, ${link('sharedKey: "k", vpnConnectionProtocolType: "IKEv2", ipsecPolicies: []')}, ticket: { id: 7 }`),
    undefined,
  ],
  [
    "a caller takes a completion apart",
    [
      "export function told({ data }: ProvisionCompletedEvent): string {",
      "  if (data.problem === null) return data.change ?? data.outcome;",
      '  if (data.outcome === "Rejected") return data.problem.code;',
      "  const problem: Problem = data.problem;",
      '  if (problem.code === "GatewayBusy" && problem.retryable) return "later";',
      '  return problem.details.map(({ code, target }) => code + target).join() + (data.ticket?.["id"] ?? "");',
      "}",
    ],
    undefined,
  ],
  ["an unknown field is an error", event(`${target}, ${link("conectionBandwidth: 1")}`), /'conectionBandwidth' does not exist/],
  [
    "a value that is not in the list is an error",
    event(`${target}, ${link('vpnConnectionProtocolType: "IKEv3"')}`),
    /"IKEv3"' is not assignable/,
  ],
  ["a missing field is an error", event(link("")), /Property 'target' is missing/],
  ["a problem may be null", ["export const code = (event: ProvisionCompletedEvent) => event.data.problem.code;"], /possibly 'null'/],
  ["a code that does not exist is an error", ['export const is = ({ code }: Problem) => code === "GatewayBussy";'], /no overlap/],
];

let said: string;
before(() => {
  const root = join(import.meta.dirname, "..", "..");
  const project = mkdtempSync(join(tmpdir(), "caller-"));
  try {
    mkdirSync(join(project, "node_modules"));
    symlinkSync(root, join(project, "node_modules", "vpn-connection-provisioner"), "junction");
    const compilerOptions = { module: "nodenext", strict: true, noEmit: true, types: [], skipLibCheck: false };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    const from = "vpn-connection-provisioner/contract";
    const first = `import type { Problem, ProvisionCompletedEvent, ProvisionRequestedEvent } from "${from}";`;
    for (const [index, [, lines]] of callers.entries()) writeFileSync(join(project, `caller${index}.ts`), [first, ...lines, ""].join("\n"));
    said = spawnSync(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", project], {
      encoding: "utf8",
    }).stdout;
  } finally {
    rmSync(project, { recursive: true });
  }
});

for (const [index, [what, , says]] of callers.entries()) {
  test(what, () => {
    const [error, ...more] = said.split("\n").filter((line) => line.includes(`caller${index}.ts(`));
    assert.deepEqual(more, []);
    if (says) assert.match(error ?? "", says);
    else assert.equal(error, undefined);
  });
}

test("the compiler says nothing of any other file", () => {
  assert.deepEqual(
    said.split("\n").filter((line) => /error TS/.test(line) && !/caller\d\.ts\(/.test(line)),
    [],
  );
});

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { runCommand, type Tool } from "../support/command.ts";
import { sampleEvent } from "../support/sample.ts";

// Wrong uses of the commands for requesters: a sentence on standard error, exit code 2, and nothing
// else.

const cwd = mkdtempSync(join(tmpdir(), "wrong-uses-"));
after(() => rmSync(cwd, { recursive: true }));
mkdirSync(join(cwd, "empty"));
const event = sampleEvent();
writeFileSync(join(cwd, "good.json"), JSON.stringify(event));
writeFileSync(join(cwd, "twin.json"), JSON.stringify(event));
writeFileSync(join(cwd, "bare.json"), JSON.stringify(event.data));
writeFileSync(join(cwd, "junk.json"), "{ junk");
const cancellation = { ...event, type: "vpn-connection.provision.cancel.requested.v1", data: { requestSource: "/s", requestId: "r" } };
writeFileSync(join(cwd, "cancellation.json"), JSON.stringify(cancellation));

const away = { ServiceBus: "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true" };
const nowhere = ["--data-dir", join(cwd, "no-stack")];

const uses: readonly (readonly [name: string, tool: Tool, args: readonly string[], says: RegExp, env?: Record<string, string>])[] = [
  ["send without a file", "send", [], /^Missing required argument 'FILE'\. See `npm run send -- --help`\.$/],
  ["send with an unknown option", "send", ["good.json", "--quue", "x"], /^Unknown option '--quue'\. Did you mean --queue\?/],
  ["send of a file that is not there", "send", ["nothing.json"], /^nothing\.json does not exist\.\nNothing was sent\.$/],
  ["send of a file below a file", "send", ["good.json/x.json"], /^good\.json.x\.json does not exist\./],
  ["send of a folder without requests", "send", ["empty"], /^The folder empty has no \.json files\./],
  ["send of two files with one id", "send", ["good.json", "twin.json"], /^good\.json and twin\.json have the same source and id/, away],
  ["send of one file twice", "send", ["good.json", "good.json"], /^good\.json is named twice/, away],
  ["send of junk as a plan", "send", ["--plan", "junk.json"], /^junk\.json cannot be changed before it is sent/, away],
  ["send without a stack", "send", ["good.json", ...nowhere], /^No stack is running here\. Start one with `npm run dev`/],
  [
    "send to a namespace that is away",
    "send",
    ["good.json", ...nowhere],
    /^No request was sent: nothing answers at 127\.0\.0\.1:1\.$/,
    away,
  ],
  ["send without waiting to one that is away", "send", ["good.json", "--no-wait"], /^No request was sent: nothing answers/, away],
  ["send with a setting that is none", "send", ["good.json"], /^The setting ServiceBus is not the connection string/, { ServiceBus: "x" }],
  ["send with half an option", "send", ["good.json", "--timeout"], /^Option '--timeout <SECONDS>' argument missing\./],
  [
    "send with a time that is none",
    "send",
    ["good.json", "--timeout", "soon"],
    /argument 'soon' is invalid\. It takes a number of seconds/,
  ],
  ["send with no time at all", "send", ["good.json", "--timeout", "0"], /argument '0' is invalid\. It takes a number of seconds/],
  ["cancel of nothing", "cancel", [], /^Missing required argument 'REQUEST'\./],
  ["cancel of two", "cancel", ["a", "b"], /^Too many arguments/],
  ["cancel of a file that is not there", "cancel", ["nothing.json"], /^nothing\.json does not exist\.$/],
  ["cancel of a file without an id", "cancel", ["bare.json"], /^bare\.json has no id\. Name the request id/],
  ["cancel of a folder", "cancel", ["empty"], /^The folder empty has no \.json files\.$/],
  ["cancel of a cancellation", "cancel", ["cancellation.json"], /^cancellation\.json is a cancellation\. Send it with npm run send/],
  [
    "send with an option that npm kept",
    "send",
    ["good.json"],
    /^npm kept --new-id for itself\. Write -- before/,
    { npm_config_new_id: "true" },
  ],
  ["cancel without a source", "cancel", ["some-id", ...nowhere], /^Which source has the request\? Name it with --source\.$/],
  ["cancel without a stack", "cancel", ["good.json", ...nowhere], /^No stack is running here\./],
  ["cancel with an unknown option", "cancel", ["x", "--sauce", "/s"], /^Unknown option '--sauce'\. Did you mean --source\?/],
  ["validate of nothing", "validate", [], /^Missing required argument 'FILE'\./],
  ["validate with an unknown option", "validate", ["--jsno", "good.json"], /^Unknown option '--jsno'\. Did you mean --json\?/],
  ["validate of a file that is not there", "validate", ["nothing.json"], /^nothing\.json does not exist\.$/],
  ["validate of a folder without requests", "validate", ["empty"], /^The folder empty has no \.json files\.$/],
  [
    "validate of a body without a target",
    "validate",
    ["--body", "bare.json"],
    /^--body needs the id of the connection: --target \/subscriptions/,
  ],
  ["validate with a target that is none", "validate", ["--body", "--target", "x", "bare.json"], /^--body needs the id of the connection/],
  ["validate with a target alone", "validate", ["--target", "/x", "good.json"], /^--target is for --body\./],
];

describe("a wrong use", { concurrency: 2 }, () => {
  for (const [name, tool, args, says, env = {}] of uses) {
    test(`${name}: a sentence and exit code 2`, async () => {
      const { code, out, err } = await runCommand(tool, args, { cwd, env });
      assert.match(err.trim(), says);
      assert.deepEqual([code, out], [2, ""], err);
      assert.ok(err.trim().split("\n").length <= 2, err);
      assert.doesNotMatch(err, /ENO|ECONN|\n {4}at |Error/);
    });
  }
});

for (const tool of ["send", "cancel", "validate"] as const) {
  test(`${tool} --help: an example, and exit code 0`, async () => {
    const { code, out, err } = await runCommand(tool, ["--help"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, new RegExp(`^Example:\n {2}npm run ${tool} -- examples/`, "m"));
    assert.match(out, /Exit code: 0/);
  });
}

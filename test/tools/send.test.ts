import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { announce } from "../../local/stack/running.ts";
import { runCommand, startCommand, type Tool } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { requester, requestFor } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// `npm run send` and `npm run cancel` as processes, against a stack. A minute of product time takes
// a second.

let stack: Awaited<ReturnType<typeof startTestStack>>;
let ask: ReturnType<typeof requester>;
const directory = mkdtempSync(join(tmpdir(), "vpn-send-"));
before(async () => {
  stack = await startTestStack({ speed: 60 });
  announce(stack.dataDirectory, stack.stack.endpoints);
  ask = requester(stack);
});
after(async () => {
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
});

const run = (tool: Tool, args: readonly string[], more = {}) => runCommand(tool, [...args, "--data-dir", stack.dataDirectory], more);
const start = (tool: Tool, args: readonly string[]) => startCommand(tool, [...args, "--data-dir", stack.dataDirectory]);
const jsonLines = (out: string) =>
  out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

function fileOf(content: object | string, folder = directory): string {
  const file = join(folder, `${randomUUID()}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  return file;
}
function folderOf(count: number, more: Readonly<Record<string, unknown>> = {}): string {
  const folder = join(directory, randomUUID());
  mkdirSync(folder);
  for (let n = 1; n <= count; n++) fileOf(requestFor(1 + (n % 9), `branch-${n}-${randomUUID().slice(0, 8)}`, more), folder);
  return folder;
}

describe("send", { concurrency: 3 }, () => {
  test("a folder of 40 files: one line for each change, and the times at the end", async () => {
    const { code, out, err } = await run("send", [folderOf(40)]);
    assert.equal(code, 0, err + out);
    const answered = out.match(
      /^\d\d:\d\d:\d\d {2}branch-\d+-\w+ \(gateway\d\) {2}Succeeded, Created .*: .* (?:s|min) in the queue, .* (?:s|min) in Azure, .* (?:s|min) in all$/gm,
    );
    assert.equal(answered?.length, 40);
    assert.equal(out.match(/sent as request/g)?.length, 40);
    assert.match(out, /waiting, place \d/);
    assert.match(out, /^40 requests: 40 Succeeded$/m);
    for (const title of ["in the queue", "in Azure", "in all"])
      assert.match(out, new RegExp(`^ {2}${title} +[\\d.]+ (s|min) +[\\d.]+ (s|min)$`, "m"));
    assert.equal(err, "");
  });

  test("more requests than sessions at once: sent in the order of the files, and each is answered", async () => {
    const { code, out, err } = await run("send", ["--json", folderOf(70, { mode: "plan" })]);
    assert.equal(code, 0, err);
    const lines = jsonLines(out);
    assert.equal(lines.length, 70);
    for (const { id, outcome, event } of lines) assert.deepEqual([outcome, event.data.requestId], ["Planned", id]);
    const arrivals = lines.sort((a, b) => (a.file < b.file ? -1 : 1)).map(({ event }) => event.data.timing.receivedAt);
    assert.deepEqual(arrivals, arrivals.toSorted());
  });

  test("--json: one object for each request, whatever became of it; problems are exit code 1", async () => {
    const good = requestFor(1, "json-good");
    const { data: bare } = requestFor(2, "json-bare");
    const bad = requestFor(3, "json-bad", { prority: 1 });
    const files = [good, bare, bad, "{ junk"].map((content) => fileOf(content));
    const { code, out, err } = await run("send", ["--json", ...files]);
    assert.equal(code, 1, err);
    const byFile = new Map(jsonLines(out).map((line) => [line.file, line]));
    assert.deepEqual(
      files.map((file) => [byFile.get(file).outcome, byFile.get(file).event.data.problem?.code]),
      [
        ["Succeeded", undefined],
        ["Succeeded", undefined],
        ["Rejected", "InvalidRequest"],
        ["Rejected", "UnreadableMessage"],
      ],
    );
    const { id, source, connection, gateway } = byFile.get(files[0] ?? "");
    assert.deepEqual([id, source, connection, gateway], [good.id, good.source, "json-good", "gateway1"]);
  });

  test("a rejected request: every finding with file, line and column", async () => {
    const file = fileOf(requestFor(3, "found", { prority: 1 }));
    const { code, out } = await run("send", [file]);
    assert.equal(code, 1);
    assert.match(out, /Rejected, InvalidRequest/);
    assert.match(out.replaceAll(/\s+/g, " "), /\.json:\d+:\d+: error UnknownField at prority/);
    assert.match(out, /^1 request: 1 Rejected$/m);
  });

  test("the standard input", async () => {
    const event = requestFor(4, "stdin");
    const { code, out, err } = await run("send", ["--json", "-"], { input: JSON.stringify(event) });
    assert.equal(code, 0, err);
    assert.deepEqual(
      jsonLines(out).map(({ file, id, outcome }) => [file, id, outcome]),
      [["-", event.id, "Succeeded"]],
    );
  });

  test("--plan: a new id and the changes as text; the file's own id stays free", async () => {
    const event = requestFor(5, "planned");
    await ask.send(event);
    await ask.answerTo(event);
    const next = requestFor(5, "planned");
    Object.assign(next.data.connection.properties.vpnLinkConnections[0]?.properties ?? {}, { routingWeight: 77 });
    const file = fileOf(next);
    const planned = await run("send", ["--plan", file]);
    assert.equal(planned.code, 0, planned.err);
    assert.match(planned.out, /Planned, Updated/);
    assert.match(planned.out.replaceAll(/\s+/g, " "), /planned would be updated\. Plan [0-9a-f-]{36} of/);
    assert.match(planned.out, /^ {4}link .*, routingWeight: .* → 77$/m);
    assert.ok(!planned.out.includes(next.id));
    const applied = await run("send", ["--json", file]);
    assert.equal(applied.code, 0, applied.err);
    const [{ event: answer }] = jsonLines(applied.out);
    assert.deepEqual([answer.data.requestId, answer.data.outcome, answer.data.change], [next.id, "Succeeded", "Updated"]);
  });

  test("--new-id: the same file is another request each time", async () => {
    const file = fileOf(requestFor(6, "renewed"));
    const ids = [];
    for (let times = 0; times < 2; times++) ids.push(jsonLines((await run("send", ["--json", "--new-id", file])).out)[0].id);
    assert.notEqual(ids[0], ids[1]);
  });

  test("--no-wait: what was sent is answered when the same files are sent again", async () => {
    const event = requestFor(7, "later");
    const file = fileOf(event);
    const first = await run("send", ["--no-wait", file]);
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /^1 request: 1 sent, without an answer yet$/m);
    assert.match(first.err, /send the same files again/);
    await ask.answerTo(event);
    const second = await run("send", ["--json", file]);
    assert.deepEqual([second.code, jsonLines(second.out)[0].event.data.change], [0, "Created"]);
  });

  test("a changed file under an id that has an unread answer gets its own answer", async () => {
    const event = requestFor(8, "reused");
    await run("send", ["--no-wait", fileOf(event)]);
    await ask.answerTo(event);
    event.data["deadlineMinutes"] = 7;
    const files = [fileOf(event), fileOf(requestFor(8, "after-it"))];
    const { code, out } = await run("send", ["--json", ...files]);
    assert.equal(code, 1);
    const [reused, next] = files.map((file) => jsonLines(out).find((line) => line.file === file).event.data);
    assert.deepEqual([reused.problem?.code, next.outcome], ["RequestIdConflict", "Succeeded"]);
    assert.ok(reused.timing.receivedAt <= next.timing.receivedAt, "the order of the files holds, although the first had more to do");
  });

  test("--timeout: a sentence, exit code 1, and the answer with the same command", async () => {
    await ask.takes("tardy", 400);
    const file = fileOf(requestFor(9, "tardy"));
    const first = await run("send", ["--timeout", "1.5", "--json", file]);
    assert.equal(first.code, 1);
    assert.deepEqual(
      jsonLines(first.out).map(({ outcome, event }) => [outcome, event]),
      [[null, null]],
    );
    assert.match(
      first.err,
      /^Not every answer came within 1\.5 s\.\n1 request has no answer yet\..*goes on.*\nTo get the answers, send the same files again/,
    );
    const second = await run("send", ["--json", file]);
    assert.deepEqual([second.code, jsonLines(second.out)[0].outcome], [0, "Succeeded"]);
  });

  test("the same file from two terminals: the second one waits for the session, and both get the answer", async () => {
    await ask.takes("shared", 300);
    const file = fileOf(requestFor(1, "shared"));
    const first = start("send", [file]);
    await eventually("it was sent", () => first.out().includes("sent as request"));
    const second = start("send", [file]);
    await eventually("it waits", () => second.out().includes("session busy"));
    assert.deepEqual([await first.ended, await second.ended], [0, 0], first.err() + second.err());
    for (const { out } of [first, second]) assert.match(out(), /Succeeded, Created/);
  });

  test("a connection that is severed is opened again", async () => {
    await ask.takes("severed", 300);
    const request = requestFor(1, "severed");
    const sending = start("send", ["--json", fileOf(request)]);
    await ask.reaches(request, "submitted");
    await stack.stack.broker.dropConnections();
    assert.equal(await sending.ended, 0, sending.err());
    assert.equal(jsonLines(sending.out())[0].outcome, "Succeeded");
  });
});

test("a connection that stays lost: exit code 2, and how to get the answers", async () => {
  const own = await startTestStack();
  announce(own.dataDirectory, own.stack.endpoints);
  const sending = startCommand("send", [fileOf(requestFor(1, "lost")), "--data-dir", own.dataDirectory]);
  await eventually("it was sent", () => sending.out().includes("sent as request"));
  await own.stop();
  assert.equal(await sending.ended, 2, sending.out());
  assert.match(sending.err(), /^The connection was lost: nothing answers at 127\.0\.0\.1:\d+/);
  assert.match(sending.err(), /goes on without this command\.\nTo get the answers, send the same files again/);
});

describe("cancel", { concurrency: true }, () => {
  test("of a request that waits, by its id and the source of the last send: both get their answer", async () => {
    await ask.takes("busy", 1_200);
    const [busy, waiting] = [requestFor(2, "busy"), requestFor(2, "waits")];
    await ask.send(busy);
    await ask.reaches(busy, "submitted");
    const sending = start("send", [fileOf(waiting)]);
    await eventually("it waits", () => sending.out().includes("waiting, place 1"));
    const { code, out, err } = await run("cancel", [waiting.id]);
    assert.deepEqual([code, out], [0, `Request ${waiting.id} is cancelled. Its own answer says what Azure had begun.\n`], err);
    assert.equal(await sending.ended, 1);
    assert.match(sending.out(), /Cancelled, RequestCancelled.*s in the queue/);
  });

  test("of a finished request, by its file: exit code 1", async () => {
    const request = requestFor(3, "finished");
    const file = fileOf(request);
    assert.equal((await run("send", [file])).code, 0);
    const { code, out } = await run("cancel", [file]);
    assert.equal(code, 1);
    assert.match(out.replaceAll(/\s+/g, " "), new RegExp(`^Request ${request.id} was not cancelled: RequestFinished\\. .*Succeeded`));
  });

  test("of a request that nobody knows: it says what it waits for; exit code 2", async () => {
    const { code, out, err } = await run("cancel", ["no-such-request", "--source", "/tests", "--json"]);
    assert.equal(code, 2, err);
    assert.equal(JSON.parse(out).data.problem.code, "RequestUnknown");
    assert.match(err.replaceAll(/\s+/g, " "), /Cancelling request no-such-request of \/tests … No answer yet\. .* five minutes/);
  });
});

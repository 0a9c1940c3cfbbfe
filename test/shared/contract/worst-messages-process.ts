import { readSealAndValidate } from "../../support/cost-of-message.ts";
import { worstMessages } from "../../support/worst-messages.ts";

// Lets the app judge the worst messages, three times each, and prints what each cost: the least
// processor time of its three turns, because other processes and the collection of garbage of the
// message before only ever add to it.

const megabytes = () => process.resourceUsage().maxRSS / 1024;
for (let turn = 0; turn < 20; turn++) readSealAndValidate(Buffer.from(worstMessages["a plain request"]?.() ?? ""));
const idle = megabytes();
for (const [name, text] of Object.entries(worstMessages)) {
  const body = Buffer.from(text());
  let milliseconds = Number.POSITIVE_INFINITY;
  let said: ReturnType<typeof readSealAndValidate> = "";
  for (let turn = 0; turn < 3; turn++) {
    const before = process.cpuUsage();
    said = readSealAndValidate(body);
    const { user, system } = process.cpuUsage(before);
    milliseconds = Math.min(milliseconds, (user + system) / 1000);
  }
  const findings = typeof said === "string" ? 0 : said.length;
  console.log(
    JSON.stringify({
      name,
      bytes: body.length,
      milliseconds,
      findings,
      unreadable: typeof said === "string" ? said : null,
      above: megabytes() - idle,
    }),
  );
}

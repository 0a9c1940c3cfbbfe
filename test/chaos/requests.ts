import type { Chance } from "./chance.ts";
import { drawFirstPut } from "./faults.ts";
import { cancelLetter, type Letter, nonsenseLetter, requestLetter, type Wish } from "./letters.ts";
import type { Step } from "./plan.ts";

/**
 * How long after a request its repetitions, conflicts and cancellations may come, in milliseconds
 * of real time.
 */
const LATER_MS = 4_000;

/**
 * Draws one request and all that is sent about it: the same again, the same id for something else,
 * its cancellation.
 */
export function drawRequest(
  id: string,
  withinMs: number,
  chance: Chance,
  gateways: readonly string[],
): { readonly steps: Step[]; readonly letters: readonly Letter[]; readonly secrets: readonly string[] } {
  const at = chance.whole(0, withinMs);
  const sendAt = (time: number, letter: Letter): Step => ({ at: time, act: { kind: "send", letter } });
  if (chance.often(0.04)) return { steps: [sendAt(at, nonsenseLetter(`${id}-nonsense`))], letters: [], secrets: [] };

  const asked = { source: chance.pick(["/chaos/ticketing", "/chaos/portal"]), id, payload: "first" };
  const secrets = chance.often(0.15) ? [chance.hex(18), chance.hex(18)] : [];
  const wish = drawWish(chance, gateways, secrets.length > 0 ? secrets.join("_") : null);
  const replyTo = chance.often(0.3) ? { replyTo: `${id}-reply` } : {};
  const first = requestLetter(asked, wish, { messageId: `${id}-m`, binary: chance.often(0.2), ...replyTo });
  const others: Letter[] = [];
  for (let times = chance.often(0.4) ? chance.whole(1, 3) : 0; times > 0; times--) {
    // A client that sends again may use the same message id, or a new one.
    others.push(
      requestLetter(asked, wish, { messageId: chance.often(0.5) ? `${id}-m` : `${id}-m${times}`, binary: chance.often(0.3), ...replyTo }),
    );
  }
  if (chance.often(0.12)) {
    const another = { ...wish, bandwidth: wish.bandwidth + 1 };
    others.push(requestLetter({ ...asked, payload: "second" }, another, { messageId: `${id}-c` }));
  }
  // Somebody else may use the same id.
  if (chance.often(0.05))
    others.push(requestLetter({ ...asked, source: "/chaos/other" }, { ...wish, mode: "plan", key: null }, { messageId: `${id}-o` }));
  if (chance.often(0.15)) {
    const cancels = { source: asked.source, id: chance.often(0.9) ? id : `${id}-unknown` };
    for (let times = chance.whole(1, 2); times > 0; times--) {
      others.push(cancelLetter({ source: asked.source, id: `${id}-cancel`, payload: "only" }, cancels, { messageId: `${id}-x${times}` }));
    }
  }
  const later = () => at + (chance.often(0.3) ? 0 : chance.whole(0, LATER_MS));
  return {
    steps: [
      { at, act: { kind: "send", letter: first, weather: drawFirstPut(chance, wish.connection) } },
      ...others.map((letter) => sendAt(later(), letter)),
    ],
    // Each that asks for something of its own, once.
    letters: [
      first,
      ...others.filter(({ about }, index) => about.asks === "cancel" && others.findIndex((other) => other.about.id === about.id) === index),
    ],
    secrets,
  };
}

function drawWish(chance: Chance, gateways: readonly string[], key: string | null): Wish {
  const gateway = chance.pick(gateways as [string, ...string[]]);
  return {
    // Names are compared without case.
    gateway: chance.often(0.15) ? gateway.toUpperCase() : gateway,
    // Few connections, so that requests meet what others have made.
    connection: `${gateway}-${chance.whole(1, 3)}`,
    bandwidth: chance.often(0.03) ? 0 : chance.whole(1, 10) * 10,
    key,
    ...(chance.often(0.4) ? { deadlineMinutes: 5 } : {}),
    ...(chance.often(0.1) ? { queueDeadlineMinutes: chance.whole(1, 5) } : {}),
    ...(chance.often(0.05) ? { mode: "plan" as const } : {}),
    ...(chance.often(0.05) ? { unknownField: true as const } : {}),
  };
}

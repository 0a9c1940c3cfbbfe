import { NotPossible } from "./not-possible.ts";
import { type Engine, engines } from "./stack/index.ts";

/** Reads the value of --engine. */
export function readEngine(value: string): Engine {
  const engine = engines.find((known) => known === value);
  if (!engine) throw new NotPossible(`--engine takes ${engines.join(" or ")}; found ${value}`);
  return engine;
}

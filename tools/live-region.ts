import type { Output } from "./text-layout.ts";

/** The last lines of a terminal, which are drawn anew in their place. */
export interface LiveRegion {
  /** Prints lines above the region; they stay. */
  print(lines: readonly string[]): void;
  /** Replaces the lines. The last line counts those that do not fit on the screen. */
  draw(lines: readonly string[]): void;
}

/** Opens a region without lines. No line may be wider than the terminal. */
export function openLiveRegion({ rows }: Pick<Output, "rows">, write: (text: string) => void): LiveRegion {
  let live: readonly string[] = [];
  // Up to the first line of the region, then everything from there on is erased (ECMA-48: CUU, ED).
  const erased = () => (live.length === 0 ? "" : `\u001b[${live.length}A\u001b[J`);
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
  const most = Math.max(rows - 2, 1);
  return {
    print(lines) {
      write(erased() + text(lines) + text(live));
    },
    draw(lines) {
      const fits = lines.length <= most ? lines : [...lines.slice(0, most - 1), `… ${lines.length - most + 1} more`];
      write(erased() + text(fits));
      live = fits;
    },
  };
}

/**
 * Something that happens in steps. It yields the time at which it goes on, or null if another
 * process will wake it.
 */
export type Process = Generator<number | null, void, number>;

export interface Scheduler {
  /** Has a process go on at a time. */
  resume(process: Process, time: number): void;
  /** Runs all processes to their ends, in order of time. */
  run(): void;
}

/** Returns a scheduler. Of two steps at one time, the one that was resumed first goes first. */
export function createScheduler(): Scheduler {
  // A binary heap, in arrays that belong together.
  const times: number[] = [];
  const orders: number[] = [];
  const processes: Process[] = [];
  let added = 0;

  function isBefore(time: number, order: number, other: number): boolean {
    const otherTime = times[other] as number;
    return time < otherTime || (time === otherTime && order < (orders[other] as number));
  }
  function put(index: number, time: number, order: number, process: Process): void {
    times[index] = time;
    orders[index] = order;
    processes[index] = process;
  }
  function move(from: number, to: number): void {
    put(to, times[from] as number, orders[from] as number, processes[from] as Process);
  }
  function resume(process: Process, time: number): void {
    const order = added++;
    let index = times.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(time, order, parent)) break;
      move(parent, index);
      index = parent;
    }
    put(index, time, order, process);
  }
  /** Removes the last step from the end of the heap, and finds its place from the top. */
  function fillTop(): void {
    const [time, order, process] = [times.pop() as number, orders.pop() as number, processes.pop() as Process];
    if (times.length === 0) return;
    let index = 0;
    for (let child = 1; child < times.length; child = 2 * index + 1) {
      if (child + 1 < times.length && isBefore(times[child + 1] as number, orders[child + 1] as number, child)) child++;
      if (isBefore(time, order, child)) break;
      move(child, index);
      index = child;
    }
    put(index, time, order, process);
  }

  return {
    resume,
    run() {
      while (times.length > 0) {
        const [time, process] = [times[0] as number, processes[0] as Process];
        fillTop();
        const { done, value } = process.next(time);
        if (!done && value !== null) resume(process, value as number);
      }
    },
  };
}

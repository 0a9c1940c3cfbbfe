/**
 * Creates a list in the order of sequence numbers. Adding at the end and removing the first are
 * fast. Putting an item back in its place is slower, and rare.
 */
export function createOrderedList<T extends { readonly sequenceNumber: number }>() {
  let items: (T | undefined)[] = [];
  let head = 0;
  return {
    size: () => items.length - head,
    insert(item: T) {
      const last = items.at(-1);
      if (items.length === head || (last && last.sequenceNumber < item.sequenceNumber)) return void items.push(item);
      let low = head;
      let high = items.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((items[middle]?.sequenceNumber ?? 0) < item.sequenceNumber) low = middle + 1;
        else high = middle;
      }
      if (low === head && head > 0) items[--head] = item;
      else items.splice(low, 0, item);
    },
    take(): T | undefined {
      const item = items[head];
      if (item === undefined) return undefined;
      items[head++] = undefined;
      if (head > 1024 && head * 2 > items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    /** Removes the unwanted items and returns them. */
    remove(unwanted: (item: T) => boolean): T[] {
      const removed = (items.slice(head) as T[]).filter(unwanted);
      if (removed.length > 0) {
        items = (items.slice(head) as T[]).filter((item) => !removed.includes(item));
        head = 0;
      }
      return removed;
    },
    values: () => items.slice(head) as T[],
  };
}

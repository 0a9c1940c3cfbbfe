import { eventType, type HistoryEvent } from "../../local/functions-host/durable/events.ts";

const nameOf = Object.fromEntries(Object.entries(eventType).map(([name, number]) => [number, name]));

/** Returns the paths of all properties of a value, each with the type that it has there. */
export function shapeOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : value.flatMap((item) => shapeOf(item, `${path}[]`));
  if (typeof value !== "object" || value === null) return [`${path}: ${value === null ? "null" : typeof value}`];
  return Object.entries(value).flatMap(([name, item]) => shapeOf(item, `${path}.${name}`));
}

/**
 * Returns the shape of the events of a history: of each kind of event, and of messages from and to
 * entities.
 */
export function shapeOfHistory(history: readonly HistoryEvent[]): string[] {
  return history.flatMap((event) => {
    const path = nameOf[event.EventType] ?? `event ${event.EventType}`;
    const { Input, ...rest } = event;
    const message = ["EventSent", "EventRaised"].includes(path) ? messageIn(String(Input)) : undefined;
    if (message === undefined) return shapeOf(event, path);
    return [...shapeOf(rest, `${path} of an entity`), ...shapeOf(message, `${path} of an entity.Input`)];
  });
}

/** The message of an entity in an event's input; what an external event carries is none. */
function messageIn(text: string): object | undefined {
  const message: unknown = JSON.parse(text);
  return typeof message === "object" && message !== null && ("op" in message || "result" in message) ? message : undefined;
}

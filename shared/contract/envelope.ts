import { quoteValue } from "./quote.ts";
import { identifierPattern, MAX_ATTRIBUTE_LENGTH } from "./request.ts";

/** The attributes of an event, by their names. */
export type Envelope = Readonly<Record<string, unknown>>;

/** What is wrong with an envelope, and the attribute that it is about. */
export interface EnvelopeFault {
  readonly text: string;
  readonly attribute: string;
}

/** The attributes of CloudEvents that this app reads or knows the type of. */
const knownAttributes = [
  "specversion",
  "type",
  "id",
  "source",
  "subject",
  "time",
  "datacontenttype",
  "dataschema",
  "traceparent",
  "tracestate",
];
/** Fields of `data`. If one of them were taken for an extension, a plan would be carried out. */
const dataFields = ["target", "connection", "mode", "ticket"];
const requiredAttributes = ["specversion", "type", "id", "source"];
/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#attribute-naming-convention */
const attributeName = /^[a-z0-9]+$/;

/**
 * Returns the attributes of a structured event without those that are null: null means unset
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
 */
export function structuredEnvelopeOf(attributes: Envelope): Envelope {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null));
}

/**
 * Returns the attributes of a binary event from the application properties, or nothing if it has
 * none. The Functions worker parses values that look like JSON. An attribute that the app does not
 * read is therefore taken as text, whatever arrived.
 */
export function binaryEnvelopeOf(properties: Envelope): Envelope | undefined {
  const found = Object.entries(properties).flatMap(([property, value]) => {
    const name = /^cloudEvents[_:](.+)$/i.exec(property)?.[1];
    return name === undefined ? [] : [[name, isRead(name) || value === null ? value : String(value)] as const];
  });
  if (found.length === 0) return undefined;
  const envelope = structuredEnvelopeOf(Object.fromEntries(found));
  return { ...envelope, specversion: [1, "1"].includes(envelope["specversion"] as number) ? "1.0" : envelope["specversion"] };
}

/** Returns what is wrong with an envelope; nothing if it can be read. */
export function findEnvelopeFault(envelope: Envelope): EnvelopeFault | undefined {
  const fault = (attribute: string, text: string): EnvelopeFault => ({ attribute, text });
  const { specversion } = envelope;
  if (specversion !== "1.0") return fault("specversion", `specversion must be "1.0". Found ${quoteValue(specversion)}.`);
  for (const name of ["id", "source"]) {
    const value = envelope[name];
    const example = name === "id" ? "a UUID" : "/ticketing";
    if (typeof value === "number")
      return fault(name, `${name} must be a string that is not a number, for example ${example}. Found ${value}.`);
    if (typeof value !== "string" || !identifierPattern.test(value))
      return fault(name, describeMistype(name, value, "a string of 1 to 128 printable characters"));
  }
  for (const name of knownAttributes) {
    const value = envelope[name];
    if (value === undefined && !requiredAttributes.includes(name)) continue;
    if (typeof value !== "string") return fault(name, describeMistype(name, value));
    // A trace context of another form is ignored.
    if (name !== "traceparent" && value.length > MAX_ATTRIBUTE_LENGTH) return fault(name, describeLength(name, value));
  }
  return findExtensionFault(envelope);
}

/**
 * Returns the id and source of an envelope that is refused for another reason: its sender looks for
 * the completion under them.
 */
export function identityIn(envelope: unknown): { id?: string; source?: string } {
  const { id, source } = typeof envelope === "object" && envelope !== null ? (envelope as Record<string, unknown>) : {};
  const valid = (value: unknown) => typeof value === "string" && identifierPattern.test(value);
  return valid(id) && valid(source) ? { id: String(id), source: String(source) } : {};
}

/**
 * Returns what is wrong with an extension attribute. They are accepted and not read, because
 * middleware adds them, for example Dapr
 * (https://docs.dapr.io/developing-applications/building-blocks/pubsub/pubsub-cloudevents/).
 */
function findExtensionFault(envelope: Envelope): EnvelopeFault | undefined {
  for (const [name, value] of Object.entries(envelope)) {
    if (knownAttributes.includes(name)) continue;
    const attribute = name.slice(0, 64);
    if (dataFields.includes(name)) return { attribute, text: `${name} is not an attribute of an event. Put it into data.` };
    if (!attributeName.test(name)) {
      const meant = knownAttributes.find((known) => known === name.toLowerCase());
      const advice = meant ? `Write ${meant}.` : "Put fields of the request into data.";
      return {
        attribute,
        text: `${JSON.stringify(attribute)} is not an attribute: names have only lower-case letters and digits. ${advice}`,
      };
    }
    if (typeof value === "object")
      return { attribute, text: `${attribute} must be a string, a number or a boolean. Found ${quoteValue(value)}.` };
    if (String(value).length > MAX_ATTRIBUTE_LENGTH) return { attribute, text: describeLength(attribute, String(value)) };
  }
  return undefined;
}

function isRead(name: string): boolean {
  return [...requiredAttributes, "traceparent"].includes(name);
}

function describeMistype(name: string, found: unknown, wanted = "a string"): string {
  return found === undefined ? `${name} is required.` : `${name} must be ${wanted}. Found ${quoteValue(found)}.`;
}

function describeLength(name: string, value: string): string {
  return `${name} has ${value.length} characters. At most ${MAX_ATTRIBUTE_LENGTH} are allowed.`;
}

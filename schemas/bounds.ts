import { MAX_ATTRIBUTE_LENGTH } from "../shared/contract/request.ts";
import { messageBounds } from "../shared/json/bounds.ts";

const count = (number: number) => number.toLocaleString("en");

/** Returns the paragraph about what a body must be to be read at all. */
export function boundsText(): string {
  const { bytes, depth, values, items, nameLength, textLength } = messageBounds;
  return `The body is strict JSON: UTF-8, no key twice in an object. It has at most ${count(bytes)} bytes, ${depth} levels, ${count(values)}
values, ${count(items)} items in an array, ${count(nameLength)} characters in a name and ${count(textLength)} in a text. An attribute has at
most ${count(MAX_ATTRIBUTE_LENGTH)} characters. A message that breaks one of these rules is answered as \`UnreadableMessage\`. A \`traceparent\`
that is not [W3C trace context](https://www.w3.org/TR/trace-context/#traceparent-header) is not taken.`;
}

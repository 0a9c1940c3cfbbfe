import { MAX_ATTRIBUTE_LENGTH } from "../shared/contract/request.ts";
import { messageBounds } from "../shared/json/bounds.ts";

const count = (number: number) => number.toLocaleString("en");

/** Returns the paragraph about the bounds of a body. */
export function boundsText(): string {
  const { bytes, depth, values, items, nameLength, textLength } = messageBounds;
  return `The body is strict JSON in UTF-8. No property appears twice in one object. The body has at most:

* ${count(bytes)} bytes and ${depth} levels of nesting,
* ${count(values)} values, and ${count(items)} items in one array,
* ${count(nameLength)} characters in a property name, and ${count(textLength)} in a string.

An attribute has at most ${count(MAX_ATTRIBUTE_LENGTH)} characters. A message that breaks one of these rules ends as
\`UnreadableMessage\`. If the JSON is invalid, the problem names line and column. A \`traceparent\` that is not
[W3C trace context](https://www.w3.org/TR/trace-context/#traceparent-header) is ignored.`;
}

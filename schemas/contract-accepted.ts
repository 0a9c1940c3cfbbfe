import { emptyFields, serviceFields } from "../shared/contract/read-only.ts";

/** Returns what the app accepts beside what the schemas describe. */
export function acceptedWords(): string {
  return `The JSON Schemas describe how a request is best written. The app accepts a little more, because clients
and templates write it:

* A field that is null counts as not given. A required one is then missing.
* Words of a list of values may have any letter case. They are sent as they are spelled here.
* Fields that only the service or a client writes are ignored, with the warning
  \`ReadOnlyFieldIgnored\`. So you can read a connection, change it and send it back. The fields are
  ${namesOf(serviceFields)}, and, if they are null,
  ${namesOf(emptyFields)}.
* An empty \`sharedKey\` of the connection counts as not given, with the warning \`EmptyKeyIgnored\`. An
  empty key of a link is an error.
* An IPsec policy without \`saDataSizeKilobytes\` gets 0, with the warning \`SaDataSizeMissing\`.

If you send a request again, write it in the same way. Null and a field that is left out are not the
same payload.`;
}

function namesOf(fields: Iterable<string>): string {
  return [...fields].map((name) => `\`${name}\``).join(", ");
}

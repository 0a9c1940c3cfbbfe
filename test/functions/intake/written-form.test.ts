import assert from "node:assert/strict";
import { test } from "node:test";
import { payloadFingerprintsOf } from "../../../functions/intake/known-request.ts";
import { type ReadMessage, readMessage } from "../../../shared/contract/message.ts";
import { sampleEvent } from "../../support/sample.ts";

// The fingerprint of a payload is that of its written form. A later version of the app may read
// more forms as the same request: fingerprints that depended on this would make a repeated message
// another request.

const keys = new Map([["k1", Buffer.alloc(32, 7)]]);

function fingerprintsOf(event: object): string[] {
  const message = { body: Buffer.from(JSON.stringify(event)), messageId: "m", messageIdIsExact: true };
  const read = readMessage({ ...message, contentType: undefined, applicationProperties: {}, queue: "requests" });
  return payloadFingerprintsOf(read as ReadMessage, keys);
}
type Link = Record<string, unknown>;
const eventWith = (change: (properties: Link, link: Link) => void) =>
  sampleEvent((event) => {
    event.id = "request-1";
    const { properties } = event.data.connection;
    change(properties, properties.vpnLinkConnections[0]?.properties ?? {});
  });

const forms: readonly (readonly [name: string, change: (properties: Link, link: Link) => void])[] = [
  ["null", (properties) => Object.assign(properties, { connectionBandwidth: null })],
  ["an empty key of the connection", (properties) => Object.assign(properties, { sharedKey: "" })],
  ["another letter case", (_, link) => Object.assign(link, { vpnConnectionProtocolType: "IKEV2" })],
  ["a read-only field", (_, link) => Object.assign(link, { connectionStatusDetails: [] })],
];
for (const [name, change] of forms)
  test(`${name}: the same message again is the same request, another form is not`, () => {
    const first = fingerprintsOf(eventWith(change));
    assert.deepEqual(fingerprintsOf(eventWith(change)), first);
    assert.notDeepEqual(fingerprintsOf(eventWith(() => {})), first);
  });

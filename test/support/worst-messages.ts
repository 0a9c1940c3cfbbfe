import { messageBounds } from "../../shared/json/bounds.ts";

// Bodies of at most 256 KB that try to cost the app as much as they can, by what they try. Some
// break a bound by far, some come as close to it as they may.

const network = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network";
const target = `"target":{"subscriptionId":"subid","resourceGroupName":"rg1","gatewayName":"gateway1","connectionName":"c1"}`;
const site = `"remoteVpnSite":{"id":"${network}/vpnSites/s"}`;
const event = (data: string) =>
  `{"specversion":"1.0","type":"vpn-connection.provision.requested.v1","id":"worst","source":"/worst","data":{${data}}}`;
/** A request with more properties of the connection, or more beside the connection. */
const request = (properties: string, more = "") => event(`${target},"connection":{"properties":{${site}${properties}}}${more}`);
const link = (properties: string) => `{"name":"l","properties":{${properties}}}`;

/** As many items as fit into a message beside `around(…)`, or fewer if told so. */
function filled(around: (items: string) => string, item: (index: number) => string, most = Number.POSITIVE_INFINITY): string {
  const items: string[] = [];
  let left = messageBounds.bytes - Buffer.byteLength(around("")) - 1;
  for (let index = 0; index < most; index++) {
    const text = item(index);
    left -= Buffer.byteLength(text) + 1;
    if (left < 0) break;
    items.push(text);
  }
  return around(items.join(","));
}
const list =
  (name: string) =>
  (items: string): string =>
    request(`,"${name}":[${items}]`);
const fields = (items: string) => request(`,${items}`);
const times = (count: number, item: (index: number) => string) => Array.from({ length: count }, (_, index) => item(index)).join(",");
const links = (properties: (index: number) => string) => request(`,"vpnLinkConnections":[${times(4, (index) => link(properties(index)))}]`);
const selectors = (range: (index: number) => string, count = 64) =>
  filled(
    list("trafficSelectorPolicies"),
    () => `{"localAddressRanges":[${times(count, range)}],"remoteAddressRanges":[${times(count, range)}]}`,
    64,
  );
const routing = (inside: string) => request(`,"routingConfiguration":{${inside}}`);
const tables = (id: (index: number) => string) =>
  filled(
    (items) => routing(`"propagatedRouteTables":{"ids":[${items}]}`),
    (index) => `{"id":"${id(index)}"}`,
    100,
  );
const text = (unit: string, length: number) => unit.repeat(Math.floor(length / unit.length));
const { items: mostItems, values: mostValues, textLength, nameLength, depth } = messageBounds;
const quoted = (unit: string) =>
  filled(
    (items) => request("", `,${items}`),
    (index) => `"t${index}":"${text(unit, textLength)}"`,
  );

const readOnly = ["provisioningState", "connectionStatus", "ingressBytesTransferred", "egressBytesTransferred"];

/** The text of each body, by its name. */
export const worstMessages: Readonly<Record<string, () => string>> = {
  "a plain request": () => request(""),
  "empty policies": () => filled(list("ipsecPolicies"), () => "{}"),
  "as many empty policies as may be read": () => filled(list("ipsecPolicies"), () => "{}", mostItems),
  "16,000 policies on a link": () => request(`,"vpnLinkConnections":[${link(`"ipsecPolicies":[${times(16_000, () => "{}")}]`)}]`),
  "as many empty links as may be read": () => filled(list("vpnLinkConnections"), () => "{}", mostItems),
  "four links with policies": () => links(() => `"ipsecPolicies":[${times(11_000, () => "{}")}]`),
  "links that are full of read-only fields": () =>
    filled(list("vpnLinkConnections"), () => link(readOnly.map((name) => `"${name}":1`).join(","))),
  "unknown fields": () => filled(fields, (index) => `"k${index.toString(36)}yyyyyyyy":1`),
  "unknown fields, as short as they may be": () => filled(fields, (index) => `"${index.toString(36)}":1`),
  "unknown fields of 60 characters": () => filled(fields, (index) => `"${index.toString(36).padStart(60, "Y")}":1`),
  "unknown fields that are all like known ones": () => filled(fields, (index) => `"enableBg${index.toString(36).padStart(3, "P")}":1`),
  "unknown fields that are all like a key": () => filled(fields, (index) => `"sharedK${index.toString(36).padStart(3, "Y")}":1`),
  "unknown fields that suggest keys": () => filled(fields, (index) => `"key${index}":""`),
  "keys in unknown objects": () => filled(list("unknown"), () => `{"psk":""}`, mostItems),
  "unknown fields in unknown objects": () => filled(list("unknown"), (index) => `{"k${index}":{"k${index}":1}}`, mostItems),
  "unknown fields beside the data's": () =>
    filled(
      (items) => request("", `,${items}`),
      (index) => `"deadlineMinute${index.toString(36)}":1`,
    ),
  "unknown attributes": () =>
    filled(
      (items) => `{"specversion":"1.0",${items}}`,
      (index) => `"a${index.toString(36)}":1`,
    ),
  "names that look like indices": () => filled(fields, (index) => `"${4_294_967_000 - index * 7}":1`),
  "a name of 250,000 characters": () => request("", `,"${text("a", 250_000)}":1`),
  "names of the greatest length": () => filled(fields, (index) => `"${index.toString().padStart(nameLength, "a")}":1`),
  "escaped names": () => filled(fields, (index) => `"${"\\u006b".repeat(8)}${index}":1`),
  "selectors that are numbers": () => filled(list("trafficSelectorPolicies"), () => "1", mostItems),
  "ranges that are numbers": () => selectors(() => "1"),
  "ranges that are none": () => selectors(() => `"10.0.0.0/33"`),
  "ranges with host bits": () => selectors((index) => `"10.0.0.${index + 1}/8"`),
  "ranges of IPv6 with host bits": () => selectors((index) => `"2001:db8::${index + 1}/32"`),
  "ranges of IPv6 in full": () => selectors(() => `"2001:0db8:1111:2222:3333:4444:5555:6666/127"`, 32),
  "ranges of IPv6 around IPv4": () => selectors(() => `"::ffff:255.255.255.255/96"`, 40),
  "long ranges": () => selectors(() => `"${text("1.", 500)}/24"`, 2),
  "long ranges of colons": () => selectors(() => `"${text(":", 500)}/24"`, 2),
  "a selector of as many ranges as may be read": () =>
    filled(
      (items) => request(`,"trafficSelectorPolicies":[{"localAddressRanges":[${items}],"remoteAddressRanges":[]}]`),
      () => `"10.0.0.1/8"`,
      mostItems,
    ),
  "long ids": () => tables(() => `${network}/virtualHubs/${text("h", 2_500)}`),
  "long ids of many hubs": () => tables(() => text("/virtualHubs/h", 2_600)),
  "long ids of dots": () => tables(() => `${network}/virtualHubs/${text("./", 2_500)}`),
  "ids in other hubs": () => tables((index) => `${network}/virtualHubs/h${index}/hubRouteTables/t`),
  "as many route tables as may be read": () =>
    filled(
      (items) => routing(`"propagatedRouteTables":{"ids":[${items}]}`),
      () => `{"id":1}`,
      mostItems,
    ),
  "NAT rules, all the same": () =>
    links(
      () =>
        `"egressNatRules":[${times(100, () => `{"id":"/natRules/n"}`)}],"ingressNatRules":[${times(100, () => `{"id":"/natRules/n"}`)}]`,
    ),
  "BGP addresses, all the same": () =>
    links(
      () =>
        `"vpnGatewayCustomBgpAddresses":[${times(32, () => `{"ipConfigurationId":"${text("I", 500)}","customBgpIpAddress":"169.254.21.1"}`)}]`,
    ),
  "routes, all of another type": () =>
    filled(
      (items) => routing(`"vnetRoutes":{"staticRoutes":[${items}]}`),
      () => `{"name":1,"addressPrefixes":[${times(100, () => "1")}],"nextHopIpAddress":1}`,
      100,
    ),
  "labels of another type": () =>
    filled(
      (items) => routing(`"propagatedRouteTables":{"labels":[${items}]}`),
      () => "{}",
      mostItems,
    ),
  "a key with many fields beside its URI": () =>
    filled(
      (items) => request(`,"sharedKey":{"keyVaultSecretUri":"https://v.vault.azure.net/secrets/s",${items}}`),
      (index) => `"f${index.toString(36)}":1`,
    ),
  "long keys": () => links(() => `"sharedKey":"${text("k", textLength)}"`),
  "long URIs of keys": () => links(() => `"sharedKey":{"keyVaultSecretUri":"https://${text("a.", textLength - 10)}/secrets/s"}`),
  "long names in the target": () =>
    event(`"target":{"subscriptionId":"${text("a-", textLength)}","resourceGroupName":"${text("ä.", textLength)}","gatewayName":"${text(".", textLength)}",
      "connectionName":"${text("_", textLength)}"},"connection":{"properties":{${site},"vpnConnectionProtocolType":"${text("I", textLength)}"}}`),
  "texts that quote keys": () => quoted('\\"psk\\":\\"'),
  "texts that quote keys, escaped often": () => quoted('\\\\\\"psk\\\\\\":\\\\\\"x'),
  "texts that quote keys without an end": () => quoted('\\"psk\\": \\"\\\\'),
  "texts of backslashes": () => quoted("\\\\"),
  "texts of spaces after a quoted name": () => quoted('\\"psk\\"                      '),
  "texts of escapes": () => quoted("\\u0061"),
  "texts of astral characters": () => quoted("𝒳"),
  "texts of halves of characters": () => quoted("\\ud800"),
  "read-only fields in unknown objects": () => filled(list("unknown"), () => `{"etag":1}`, mostItems),
  "levels without end": () => "[".repeat(131_000) + "]".repeat(131_000),
  "objects without end": () => '{"a":'.repeat(52_000),
  "as many levels as may be read, often": () =>
    filled(list("unknown"), () => "[".repeat(depth - 5) + "]".repeat(depth - 5), Math.floor(mostValues / depth)),
  "as many values as may be read": () =>
    filled(
      (items) => request("", `,${items}`),
      (index) => `"t${index}":[${times(15_000, () => "0")}]`,
      3,
    ),
  "a ticket of as many values as may be read": () =>
    filled(
      (items) => request("", `,"ticket":{${items}}`),
      (index) => `"t${index}":[${times(15_000, () => "0")}]`,
      3,
    ),
  "a ticket of long texts": () =>
    filled(
      (items) => request("", `,"ticket":{${items}}`),
      (index) => `"t${index}":"${text("a", textLength)}"`,
    ),
  "a number of 250,000 digits": () => request("", `,"deadlineMinutes":${text("9", 250_000)}`),
  spaces: () => `${" ".repeat(messageBounds.bytes - 2)}{}`,
  "text that is no JSON at its end": () => filled(fields, (index) => `"k${index.toString(36)}":1`).slice(0, -1),
  zeros: () => "\0".repeat(messageBounds.bytes),
  "one text": () => `"${text("a", messageBounds.bytes - 2)}"`,
};

// Writes one request for each line of a CSV file:
//
//   node requests-from-csv.mjs branches.csv rollout-1 requests/
//
// `rollout-1` is the name of the run. Each id is made of it and the site, so that the same run again
// makes the same requests. Sending those again changes nothing. A change of the CSV needs a new run.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , file, run, folder] = process.argv;
if (!file || !run || !folder) {
  console.error("Usage: node requests-from-csv.mjs branches.csv RUN FOLDER");
  process.exit(2);
}

const subscriptionId = "00000000-0000-0000-0000-000000000000";
const resourceGroupName = "rg-wan";
const network = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network`;

// Values without commas and quotes; a file with them needs a CSV package.
const [header, ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/);
const names = header.split(",");
mkdirSync(folder, { recursive: true });
for (const line of lines) {
  const values = line.split(",");
  const row = Object.fromEntries(names.map((name, index) => [name, values[index]]));
  writeFileSync(join(folder, `${row.site}.json`), `${JSON.stringify(requestOf(row), null, 2)}\n`);
}
console.log(`${lines.length} requests in ${folder}`);

function requestOf({ site, gateway, link, bandwidthMbps, ticket }) {
  return {
    specversion: "1.0",
    type: "vpn-connection.provision.requested.v1",
    id: `${run}-${site}`,
    source: "/network/rollouts",
    datacontenttype: "application/json",
    data: {
      target: { subscriptionId, resourceGroupName, gatewayName: gateway, connectionName: site },
      connection: {
        properties: {
          remoteVpnSite: { id: `${network}/vpnSites/${site}` },
          vpnLinkConnections: [
            {
              name: link,
              properties: {
                vpnSiteLink: { id: `${network}/vpnSites/${site}/vpnSiteLinks/${link}` },
                connectionBandwidth: Number(bandwidthMbps),
              },
            },
          ],
        },
      },
      ticket: { id: ticket },
    },
  };
}

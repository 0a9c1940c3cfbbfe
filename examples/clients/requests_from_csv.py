"""Writes one request for each line of a CSV file, as requests-from-csv.mjs does:

    python3 requests_from_csv.py branches.csv rollout-1 requests/

`rollout-1` is the name of the run. Each id is made of it and the site, so that the same run again
makes the same requests. Sending those again changes nothing. A change of the CSV needs a new run.
It needs Python 3.9 or newer, and no packages.
"""

import csv
import json
import os
import sys

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = "rg-wan"
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network"


def request_of(run, row):
    site, link = row["site"], row["link"]
    return {
        "specversion": "1.0",
        "type": "vpn-connection.provision.requested.v1",
        "id": f"{run}-{site}",
        "source": "/network/rollouts",
        "datacontenttype": "application/json",
        "data": {
            "target": {
                "subscriptionId": SUBSCRIPTION,
                "resourceGroupName": GROUP,
                "gatewayName": row["gateway"],
                "connectionName": site,
            },
            "connection": {
                "properties": {
                    "remoteVpnSite": {"id": f"{NETWORK}/vpnSites/{site}"},
                    "vpnLinkConnections": [
                        {
                            "name": link,
                            "properties": {
                                "vpnSiteLink": {"id": f"{NETWORK}/vpnSites/{site}/vpnSiteLinks/{link}"},
                                "connectionBandwidth": int(row["bandwidthMbps"]),
                            },
                        }
                    ],
                }
            },
            "ticket": {"id": row["ticket"]},
        },
    }


def main(file, run, folder):
    os.makedirs(folder, exist_ok=True)
    with open(file, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        with open(os.path.join(folder, f"{row['site']}.json"), "w", encoding="utf-8", newline="\n") as out:
            json.dump(request_of(run, row), out, indent=2)
            out.write("\n")
    print(f"{len(rows)} requests in {folder}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("Usage: python3 requests_from_csv.py branches.csv RUN FOLDER")
    main(*sys.argv[1:])

import type { VpnConnection as SdkVpnConnection } from "@azure/arm-network";

/** Builds the SDK's flattened model from a REST body (secrets opened): `properties` moves up one level, on the connection and on each link. */
export function flattenConnection(connection: unknown): SdkVpnConnection {
  const { properties, ...resource } = connection as RestResource;
  const links = properties?.["vpnLinkConnections"];
  return {
    ...resource,
    ...properties,
    ...(Array.isArray(links)
      ? { vpnLinkConnections: (links as RestResource[]).map(({ properties: own, ...link }) => ({ ...link, ...own })) }
      : {}),
  };
}

interface RestResource {
  readonly properties?: Readonly<Record<string, unknown>>;
}

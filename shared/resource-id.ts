/** The connection a request is about, by the four names of its path. */
export interface Target {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly gatewayName: string;
  readonly connectionName: string;
}

/** The Resource Manager id of the gateway. */
export function gatewayId({ subscriptionId, resourceGroupName, gatewayName }: Target): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/vpnGateways/${gatewayName}`;
}

/** The Resource Manager id of the connection. */
export function connectionId(target: Target): string {
  return `${gatewayId(target)}/vpnConnections/${target.connectionName}`;
}

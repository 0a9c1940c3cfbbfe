/** The four names in the resource id of a connection. */
export interface Target {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly gatewayName: string;
  readonly connectionName: string;
}

/** Returns the Resource Manager id of the gateway. */
export function gatewayId({ subscriptionId, resourceGroupName, gatewayName }: Target): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/vpnGateways/${gatewayName}`;
}

/** Returns the Resource Manager id of the connection. */
export function connectionId(target: Target): string {
  return `${gatewayId(target)}/vpnConnections/${target.connectionName}`;
}

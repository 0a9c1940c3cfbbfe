targetScope = 'subscription'

// What the app may do with gateways of one subscription. If they belong to somebody else, the owner
// of that subscription deploys this file alone, with the app's principal id.

@description('The object id of the app\'s identity.')
param principalId string

@description('Makes the names of the roles unique in the tenant.')
param suffix string

@description('The resource groups of the gateways, their hubs and sites.')
param resourceGroupNames string[]

@description('If true, the app may read operations of the whole subscription, where their URLs are.')
param readOperations bool = true

var actions = loadJsonContent('gateway-actions.json')
// A role has one name in the whole tenant, and each subscription has its own roles.
var roleSuffix = '${suffix}_${take(uniqueString(subscription().id), 6)}'

resource provisionerRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, suffix, 'provisioner')
  properties: {
    roleName: 'VPN connection provisioner (${roleSuffix})'
    description: 'Creates and updates connections of VPN gateways.'
    type: 'CustomRole'
    permissions: [{ actions: concat(actions.resourceGroup, actions.askedByAzure), notActions: [] }]
    assignableScopes: [subscription().id]
  }
}

module assignments 'modules/gateway-group.bicep' = [
  for name in resourceGroupNames: {
    scope: resourceGroup(name)
    params: { principalId: principalId, roleDefinitionId: provisionerRole.id }
  }
]

resource operationsRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (readOperations) {
  name: guid(subscription().id, suffix, 'operations')
  properties: {
    roleName: 'VPN connection operations reader (${roleSuffix})'
    description: 'Reads how far operations of Microsoft.Network are.'
    type: 'CustomRole'
    permissions: [{ actions: actions.subscription, notActions: [] }]
    assignableScopes: [subscription().id]
  }
}

resource readAllOperations 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (readOperations) {
  name: guid(subscription().id, principalId, 'operations')
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: operationsRole.id
  }
}

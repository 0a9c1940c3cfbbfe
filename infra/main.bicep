targetScope = 'subscription'

// Everything that the app needs in Azure. What the app may do is beside what it may do it with:
// each module gives the app's identity its roles there.

@description('The name of the environment. The names of all resources are made from it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The region of all resources.')
param location string

@description('Node of the app.')
@allowed(['22', '24'])
param nodeVersion string = '22'

@description('Memory of an instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('How many instances a function may have.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('How many instances for orchestrations and activities are always ready.')
@minValue(0)
param durableAlwaysReady int = 1

@description('Redundancy of the storage account, which holds all requests in flight.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('If true, storage, vault and namespace are reached through private endpoints only.')
param privateNetwork bool = false

@description('Request queues with their source prefixes. If empty, there is one queue for all sources.')
param requestQueues object = {}

@description('Source prefix to ids of the gateways that it may change. If empty, every source may change every gateway.')
param allowedTargets object = {}

@description('Ids of the vaults whose secrets requests may name.')
param requestVaultIds string[] = []

@description('Vault host to patterns of the secrets that requests may name. If empty: vpn-* in each vault.')
param allowedKeyNames object = {}

@description('Receiver of traces by OTLP, an http or https URL. If empty, the app records no spans.')
param otlpEndpoint string = ''

@description('Ids of the resource groups of the gateways, their hubs and sites. They may be in several subscriptions.')
param gatewayResourceGroupIds string[] = []

@description('If true, the app may read operations in the subscriptions of the gateways.')
param readOperations bool = true

@description('If true, the secret sealing-keys exists. If false, the hook key-access.ts gives the role on it.')
param sealingKeyExists bool = false

@description('Where alerts are sent. If empty, they are only seen in the portal.')
param alertEmail string = ''

var suffix = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName, workload: 'vpn-connection-provisioner' }
var gatewaySubscriptionIds = union(map(gatewayResourceGroupIds, id => toLower(split(id, '/')[2])), [])

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: 'id-vpn-${suffix}', location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: 'log-vpn-${suffix}'
    componentName: 'appi-vpn-${suffix}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: { workspaceId: monitoring.outputs.workspaceId, location: location, tags: tags }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'stvpn${suffix}'
    location: location
    tags: tags
    sku: storageSku
    privateNetwork: privateNetwork
    principalId: identity.outputs.principalId
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  scope: group
  params: {
    name: 'sb-vpn-${suffix}'
    location: location
    tags: tags
    privateNetwork: privateNetwork
    requestQueues: requestQueues
    alertEmail: alertEmail
    workspaceId: monitoring.outputs.workspaceId
    principalId: identity.outputs.principalId
  }
}

module keyVault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    name: 'kv-vpn-${suffix}'
    location: location
    tags: tags
    privateNetwork: privateNetwork
    sealingKeyExists: sealingKeyExists
    workspaceId: monitoring.outputs.workspaceId
    principalId: identity.outputs.principalId
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'vnet-vpn-${suffix}'
    location: location
    tags: tags
    storageId: storage.outputs.id
    vaultId: keyVault.outputs.id
    namespaceId: serviceBus.outputs.id
  }
}

module requestVaults 'modules/request-vault.bicep' = [
  for id in requestVaultIds: {
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: { name: last(split(id, '/')), principalId: identity.outputs.principalId }
  }
]

module gatewayAccess 'gateway-access.bicep' = [
  for id in gatewaySubscriptionIds: {
    scope: subscription(id)
    params: {
      suffix: suffix
      principalId: identity.outputs.principalId
      readOperations: readOperations
      resourceGroupNames: map(
        filter(gatewayResourceGroupIds, group => toLower(split(group, '/')[2]) == id),
        group => split(group, '/')[4]
      )
    }
  }
]

// The roles come first: an app that starts without them fails until they have spread.
module app 'modules/function-app.bicep' = {
  scope: group
  params: {
    name: 'func-vpn-${suffix}'
    location: location
    tags: tags
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    durableAlwaysReady: durableAlwaysReady
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    storageName: storage.outputs.name
    componentName: monitoring.outputs.componentName
    namespaceName: serviceBus.outputs.name
    vaultName: keyVault.outputs.name
    requestQueues: requestQueues
    allowedTargets: allowedTargets
    requestVaultIds: requestVaultIds
    allowedKeyNames: allowedKeyNames
    otlpEndpoint: otlpEndpoint
  }
  dependsOn: [requestVaults, gatewayAccess]
}

// The portal's sign-in belongs here, as a module of the app: authsettingsV2 and its table.

// The hooks get these values, too.
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_TENANT_ID string = tenant().tenantId
output FUNCTION_APP_NAME string = app.outputs.name
output SERVICE_BUS_HOST string = '${serviceBus.outputs.name}.servicebus.windows.net'
output KEY_VAULT_NAME string = keyVault.outputs.name
output KEY_READER_ASSIGNMENT string = keyVault.outputs.readerAssignment
output APP_PRINCIPAL_ID string = identity.outputs.principalId

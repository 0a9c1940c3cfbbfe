param name string
param location string
param tags object
param nodeVersion string
param instanceMemoryMB int
param maximumInstanceCount int
param durableAlwaysReady int
@description('The subnet of a private network, or nothing.')
param subnetId string
param identityId string
param clientId string
param storageName string
param componentName string
param namespaceName string
param vaultName string
param requestQueues object
param allowedTargets object
param requestVaultIds string[]
param allowedKeyNames object
param otlpEndpoint string

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

var withIdentity = { credential: 'managedidentity', clientId: clientId }

// Connections of the host, under the names that the host reads.
var hostSettings = {
  AzureWebJobsStorage__blobServiceUri: account.properties.primaryEndpoints.blob
  AzureWebJobsStorage__queueServiceUri: account.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: account.properties.primaryEndpoints.table
  AzureWebJobsStorage__credential: withIdentity.credential
  AzureWebJobsStorage__clientId: withIdentity.clientId
  ServiceBus__credential: withIdentity.credential
  ServiceBus__clientId: withIdentity.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
}

var vaultHosts = map(requestVaultIds, id => toLower('${last(split(id, '/'))}${environment().suffixes.keyvaultDns}'))

// Settings that are not here have the right default.
var appSettings = union(
  {
    ServiceBus__fullyQualifiedNamespace: '${namespaceName}.servicebus.windows.net'
    // Without a version, so that a new one is used.
    SEALING_KEYS: '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/sealing-keys/)'
    AZURE_CLIENT_ID: clientId
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  },
  empty(requestQueues) ? {} : { REQUEST_QUEUES: string(requestQueues) },
  empty(allowedTargets) ? {} : { ALLOWED_TARGETS: string(allowedTargets) },
  empty(requestVaultIds) ? {} : { KEY_VAULT_ALLOWED_HOSTS: join(vaultHosts, ',') },
  empty(allowedKeyNames) ? {} : { KEY_VAULT_ALLOWED_SECRETS: string(allowedKeyNames) },
  empty(otlpEndpoint) ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint }
)

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}app-package'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: durableAlwaysReady == 0 ? [] : [{ name: 'durable', instanceCount: durableAlwaysReady }]
      }
    }
    // Flex Consumption refuses most other properties of siteConfig.
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: map(items(union(hostSettings, appSettings)), setting => { name: setting.key, value: setting.value })
    }
  }
}

resource ftpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource deploymentPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

output name string = app.name

param name string
param location string
param tags object
param privateNetwork bool
param sealingKeyExists bool
param workspaceId string
param principalId string

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    // Resource Manager is such a service: it writes the sealing keys for an operator.
    networkAcls: { defaultAction: privateNetwork ? 'Deny' : 'Allow', bypass: 'AzureServices' }
  }
}

// The sealing keys are written by a hook and by operators, never by a template: a template has no
// random source, and would keep what it was given.
resource sealingKeys 'Microsoft.KeyVault/vaults/secrets@2024-11-01' existing = {
  parent: vault
  name: 'sealing-keys'
}

// The hook key-access.ts gives the same role under the same name. It does so after the hook
// first-key.ts, because Azure may refuse a role on a secret that does not exist yet.
var readerAssignment = guid(vault.id, principalId, secretsUser)

resource readSealingKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (sealingKeyExists) {
  scope: sealingKeys
  name: readerAssignment
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: [{ category: 'AuditEvent', enabled: true }] }
}

output id string = vault.id
output name string = vault.name
output readerAssignment string = readerAssignment

param name string
param principalId string

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

// A vault that exists already. Which of its secrets requests may name, the app's setting says.
resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: name
}

resource readSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, secretsUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

param workspaceName string
param componentName string
param location string
param tags object
param principalId string

var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    features: { disableLocalAuth: true }
  }
}

// Queries of alerts and of the workbook begin with these functions.
var functions = [
  { name: 'VpnSteps', query: loadTextContent('../monitoring/functions/VpnSteps.kql') }
  { name: 'VpnCompletions', query: loadTextContent('../monitoring/functions/VpnCompletions.kql') }
]

// One after the other: the second one calls the first one.
@batchSize(1)
resource savedFunctions 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = [
  for function in functions: {
    parent: workspace
    name: function.name
    properties: {
      category: 'VPN connection provisioner'
      displayName: function.name
      functionAlias: function.name
      query: function.query
      version: 2
    }
  }
]

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource publish 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: component
  name: guid(component.id, principalId, metricsPublisher)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

output workspaceId string = workspace.id
output componentName string = component.name

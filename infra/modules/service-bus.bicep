param name string
param location string
param tags object
param privateNetwork bool
param requestQueues object
param workspaceId string
param alertEmail string
param principalId string

// The entities are those of the local broker, whose file has comments: only json() reads them.
var config = json(loadTextContent('../../local/service-bus/config.json')).UserConfig.Namespaces[0]
var topic = config.Topics[0]
var requestQueue = filter(config.Queues, queue => queue.Name == 'vpn-connection-requests')[0]
var otherQueues = filter(config.Queues, queue => queue.Name != 'vpn-connection-requests')
var requestQueueNames = empty(requestQueues) ? [requestQueue.Name] : map(items(requestQueues), queue => queue.key)

var dataOwner = '090c5cfd-751d-490a-894a-3ce6f1109419'
var dataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  // Standard has no private endpoints.
  sku: privateNetwork ? { name: 'Premium', tier: 'Premium', capacity: 1 } : { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
  }
}

resource requests 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for queue in requestQueueNames: {
    parent: namespace
    name: queue
    properties: {
      // The local lock is short, so that tests of killed hosts do not wait.
      lockDuration: 'PT1M'
      maxDeliveryCount: requestQueue.Properties.MaxDeliveryCount
      defaultMessageTimeToLive: requestQueue.Properties.DefaultMessageTimeToLive
      requiresDuplicateDetection: requestQueue.Properties.RequiresDuplicateDetection
    }
  }
]

resource others 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for queue in otherQueues: {
    parent: namespace
    name: queue.Name
    properties: {
      lockDuration: queue.Properties.LockDuration
      maxDeliveryCount: queue.Properties.MaxDeliveryCount
      defaultMessageTimeToLive: queue.Properties.DefaultMessageTimeToLive
    }
  }
]

resource events 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = {
  parent: namespace
  name: topic.Name
  properties: {
    defaultMessageTimeToLive: topic.Properties.DefaultMessageTimeToLive
    requiresDuplicateDetection: topic.Properties.RequiresDuplicateDetection
    duplicateDetectionHistoryTimeWindow: topic.Properties.DuplicateDetectionHistoryTimeWindow
  }
}

resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [
  for subscription in topic.Subscriptions: {
    parent: events
    name: subscription.Name
    properties: {
      lockDuration: subscription.Properties.LockDuration
      maxDeliveryCount: subscription.Properties.MaxDeliveryCount
      requiresSession: subscription.Properties.?RequiresSession ?? false
      defaultMessageTimeToLive: subscription.Properties.?DefaultMessageTimeToLive ?? topic.Properties.DefaultMessageTimeToLive
    }
  }
]

// Azure gives each subscription the rule $Default, which lets everything through. A rule under the
// same name replaces it. Beside it, `replies` would get messages without a session.
resource rules 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2024-01-01' = [
  for (subscription, index) in topic.Subscriptions: if (contains(subscription, 'Rules')) {
    parent: subscriptions[index]
    name: '$Default'
    properties: {
      filterType: 'CorrelationFilter'
      correlationFilter: { properties: subscription.?Rules[0].Properties.CorrelationFilter.Properties }
    }
  }
]

// The trigger reads the length of its queue, which only an owner may.
resource ownRequests 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, index) in requestQueueNames: {
    scope: requests[index]
    name: guid(requests[index].id, principalId, dataOwner)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataOwner)
    }
  }
]

resource sendToOthers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, index) in otherQueues: {
    scope: others[index]
    name: guid(others[index].id, principalId, dataSender)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataSender)
    }
  }
]

resource sendEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: events
  name: guid(events.id, principalId, dataSender)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataSender)
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: namespace
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    // Only Premium records each access.
    logs: map(privateNetwork ? ['OperationalLogs', 'RuntimeAuditLogs'] : ['OperationalLogs'], category => {
      category: category
      enabled: true
    })
  }
}

module alerts 'alerts.bicep' = {
  params: {
    namespaceId: namespace.id
    workspaceId: workspaceId
    location: location
    tags: tags
    requestQueueNames: requestQueueNames
    quarantineName: otherQueues[0].Name
    topicName: topic.Name
    email: alertEmail
  }
}

output id string = namespace.id
output name string = namespace.name

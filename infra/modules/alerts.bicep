param namespaceId string
param workspaceId string
param location string
param tags object
param requestQueueNames string[]
param quarantineName string
param topicName string
@description('Where alerts are sent, or nothing: then they are only seen in the portal.')
param email string

// Letters that stay, by the counts that Service Bus itself keeps. The app empties the dead letters
// of its request queues every minute, so those that stay for 15 minutes mean that it does not run.

var alerts = concat(
  map(requestQueueNames, queue => {
    entity: queue
    metric: 'DeadletteredMessages'
    severity: 2
    description: 'The dead letters of ${queue} are not taken. What to do: docs/operations.md#alert-dead-letters'
  }),
  [
    {
      entity: quarantineName
      metric: 'ActiveMessages'
      severity: 3
      description: 'Messages that could not be read are in ${quarantineName}. What to do: docs/operations.md#alert-quarantine'
    }
    {
      entity: topicName
      metric: 'DeadletteredMessages'
      severity: 3
      description: 'A subscription of ${topicName} has completions that no reader took. What to do: docs/operations.md#alert-untaken-completions'
    }
  ]
)

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-vpn-operators'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'vpn'
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource staying 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in alerts: {
    name: '${alert.metric}-${alert.entity}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.description
      severity: alert.severity
      enabled: true
      autoMitigate: true
      scopes: [namespaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'staying'
            metricNamespace: 'Microsoft.ServiceBus/namespaces'
            metricName: alert.metric
            dimensions: [{ name: 'EntityName', operator: 'Include', values: [alert.entity] }]
            // The smallest count of the whole window.
            timeAggregation: 'Minimum'
            operator: 'GreaterThan'
            threshold: 0
          }
        ]
      }
      actions: empty(email) ? [] : [{ actionGroupId: group.id }]
    }
  }
]

module logAlerts 'log-alerts.bicep' = {
  params: {
    workspaceId: workspaceId
    location: location
    tags: tags
    actionGroupIds: empty(email) ? [] : [group.id]
  }
}

param workspaceId string
param location string
param tags object
@description('Who is told. If empty, alerts are only seen in the portal.')
param actionGroupIds string[]

// Alerts on the app's log. Each query returns a row for each thing that is wrong, so every alert
// fires on rows.

var everyFiveMinutes = 'PT5M'
var byProblem = [{ name: 'problem', operator: 'Include', values: ['*'] }]
var byQueue = [{ name: 'queue', operator: 'Include', values: ['*'] }]
var alerts = [
  {
    name: 'sweep-missing'
    query: loadTextContent('../monitoring/queries/sweep-missing.kql')
    severity: 1
    windowSize: 'PT15M'
    evaluationFrequency: everyFiveMinutes
    dimensions: []
    description: 'The app has not run its sweep for 15 minutes, so it does not run at all.'
  }
  {
    name: 'oldest-message'
    query: loadTextContent('../monitoring/queries/oldest-message.kql')
    severity: 2
    windowSize: 'PT15M'
    evaluationFrequency: everyFiveMinutes
    dimensions: byQueue
    description: 'A message has waited in its request queue for more than ten minutes.'
  }
  {
    name: 'answers-unsent'
    query: loadTextContent('../monitoring/queries/answers-unsent.kql')
    severity: 2
    windowSize: 'PT1H'
    evaluationFrequency: everyFiveMinutes
    dimensions: []
    description: 'Answers could not be sent for 15 minutes.'
  }
  {
    name: 'operator-problems'
    query: loadTextContent('../monitoring/queries/operator-problems.kql')
    severity: 2
    windowSize: 'PT15M'
    evaluationFrequency: everyFiveMinutes
    dimensions: byProblem
    description: 'A request ended with a problem that an operator must solve.'
  }
  {
    name: 'failed-requests'
    query: loadTextContent('../monitoring/queries/failed-requests.kql')
    severity: 2
    windowSize: 'PT1H'
    evaluationFrequency: everyFiveMinutes
    dimensions: []
    description: 'More than a fifth of the requests of an hour failed.'
  }
  {
    name: 'internal-errors'
    query: loadTextContent('../monitoring/queries/internal-errors.kql')
    severity: 2
    windowSize: 'PT15M'
    evaluationFrequency: everyFiveMinutes
    dimensions: []
    description: 'A request ended because the app failed unexpectedly.'
  }
  {
    name: 'throttled-calls'
    query: loadTextContent('../monitoring/queries/throttled-calls.kql')
    severity: 3
    windowSize: 'PT15M'
    evaluationFrequency: everyFiveMinutes
    dimensions: []
    description: 'Resource Manager refused more than 50 calls in 15 minutes as too many.'
  }
  {
    name: 'gateway-held'
    query: loadTextContent('../monitoring/queries/gateway-held.kql')
    severity: 3
    windowSize: 'P1D'
    evaluationFrequency: 'PT30M'
    dimensions: []
    description: 'A request has had its gateway for more than six hours, and others wait for it.'
  }
]

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: alert.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.name
      // The heading of the runbook has the name of the alert.
      description: '${alert.description} What to do: docs/operations.md#alert-${alert.name}'
      severity: alert.severity
      enabled: true
      autoMitigate: true
      scopes: [workspaceId]
      evaluationFrequency: alert.evaluationFrequency
      windowSize: alert.windowSize
      // A new workspace may not know its saved functions yet.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            dimensions: alert.dimensions
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: actionGroupIds }
    }
  }
]

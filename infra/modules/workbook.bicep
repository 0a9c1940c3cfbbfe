param workspaceId string
param location string
param tags object

// The page that shows how the app is, made by monitoring/workbook.ts from the queries there.

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceId, 'vpn-connection-provisioner')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'VPN connection provisioner'
    category: 'workbook'
    sourceId: workspaceId
    version: 'Notebook/1.0'
    serializedData: loadTextContent('../monitoring/workbook.json')
  }
}

using '../main.bicep'

// Every option: a private network, two queues, a vault of requests, gateways in two subscriptions.

param environmentName = 'private'
param location = 'westeurope'
// As it is after the first deployment, whose hooks make the sealing key.
param sealingKeyExists = true
param privateNetwork = true
param storageSku = 'Standard_GZRS'
param alertEmail = 'operators@example.com'
param durableAlwaysReady = 2
param requestQueues = { 'requests-ticketing': '/ticketing', 'requests-portal': '/portal' }
param allowedTargets = {
  '/ticketing': ['/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-wan']
  '/portal': ['/subscriptions/00000000-0000-0000-0000-000000000002']
}
param requestVaultIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-branches'
]
param allowedKeyNames = { 'kv-branches.vault.azure.net': ['vpn-*'] }
param otlpEndpoint = 'https://collector.example.com'
param gatewayResourceGroupIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-wan'
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sites'
  '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-wan'
]

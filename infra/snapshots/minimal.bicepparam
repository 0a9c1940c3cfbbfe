using '../main.bicep'

// One queue, gateways in one resource group.

param environmentName = 'minimal'
param location = 'westeurope'
// As it is after the first deployment, whose hooks make the sealing key.
param sealingKeyExists = true
param gatewayResourceGroupIds = ['/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-wan']

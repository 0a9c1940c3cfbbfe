using '../main.bicep'

// One queue, gateways in one resource group.

param environmentName = 'minimal'
param location = 'westeurope'
param gatewayResourceGroupIds = ['/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-wan']

using 'main.bicep'

// Values of the azd environment: `azd env set NAME VALUE`. Lists and objects are JSON.

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param nodeVersion = readEnvironmentVariable('APP_NODE_VERSION', '22')
param durableAlwaysReady = int(readEnvironmentVariable('DURABLE_ALWAYS_READY', '1'))
param instanceMemoryMB = int(readEnvironmentVariable('INSTANCE_MEMORY_MB', '2048'))
param maximumInstanceCount = int(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', '40'))
param storageSku = readEnvironmentVariable('STORAGE_SKU', 'Standard_ZRS')
param privateNetwork = bool(readEnvironmentVariable('PRIVATE_NETWORK', 'false'))
param sealingKeyExists = bool(readEnvironmentVariable('SEALING_KEY_EXISTS', 'false'))
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param gatewayResourceGroupIds = json(readEnvironmentVariable('GATEWAY_RESOURCE_GROUP_IDS', '[]'))
param readOperations = bool(readEnvironmentVariable('READ_OPERATIONS', 'true'))
param requestQueues = json(readEnvironmentVariable('REQUEST_QUEUES', '{}'))
param allowedTargets = json(readEnvironmentVariable('ALLOWED_TARGETS', '{}'))
param requestVaultIds = json(readEnvironmentVariable('REQUEST_VAULT_IDS', '[]'))
param allowedKeyNames = json(readEnvironmentVariable('KEY_VAULT_ALLOWED_SECRETS', '{}'))
param otlpEndpoint = readEnvironmentVariable('OTEL_EXPORTER_OTLP_ENDPOINT', '')

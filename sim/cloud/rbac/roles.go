package rbac

import (
	"slices"
	"strings"
	"time"
)

// builtinRoles is the table of Azure's built-in roles that the lessons and
// ordinary work need (facts/azure-wire.md §4.9; descriptions are ours). Of each
// list the patterns are separated by blanks.
var builtinRoles = []struct {
	name, id, description                            string
	actions, notActions, dataActions, notDataActions string
}{
	{"AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d", "Pulls images from a container registry",
		"Microsoft.ContainerRegistry/registries/pull/read", "", "", ""},
	{"AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec", "Pulls images from a container registry and pushes to it",
		"Microsoft.ContainerRegistry/registries/pull/read Microsoft.ContainerRegistry/registries/push/write", "", "", ""},
	{"Azure Event Hubs Data Owner", "f526a384-b230-433a-b45c-95f59c4a2dec", "Does everything with Event Hubs",
		"Microsoft.EventHub/*", "", "Microsoft.EventHub/*", ""},
	{"Azure Event Hubs Data Receiver", "a638d3c7-ab3a-418d-83e6-5f17a39d4fde", "Receives from Event Hubs",
		"Microsoft.EventHub/*/eventhubs/consumergroups/read", "", "Microsoft.EventHub/*/receive/action", ""},
	{"Azure Event Hubs Data Sender", "2b629674-e913-4c01-ae53-ef4638d8f975", "Sends to Event Hubs",
		"Microsoft.EventHub/*/eventhubs/read", "", "Microsoft.EventHub/*/send/action", ""},
	{"Azure Service Bus Data Owner", "090c5cfd-751d-490a-894a-3ce6f1109419", "Does everything with Service Bus",
		"Microsoft.ServiceBus/*", "", "Microsoft.ServiceBus/*", ""},
	{"Azure Service Bus Data Receiver", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0", "Receives from Service Bus",
		"Microsoft.ServiceBus/*/queues/read Microsoft.ServiceBus/*/topics/read Microsoft.ServiceBus/*/topics/subscriptions/read", "", "Microsoft.ServiceBus/*/receive/action", ""},
	{"Azure Service Bus Data Sender", "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39", "Sends to Service Bus",
		"Microsoft.ServiceBus/*/queues/read Microsoft.ServiceBus/*/topics/read Microsoft.ServiceBus/*/topics/subscriptions/read", "", "Microsoft.ServiceBus/*/send/action", ""},
	{"Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", "Manages everything except access",
		"*", "Microsoft.Authorization/*/Delete Microsoft.Authorization/*/Write Microsoft.Authorization/elevateAccess/Action Microsoft.Blueprint/blueprintAssignments/write Microsoft.Blueprint/blueprintAssignments/delete Microsoft.Compute/galleries/share/action Microsoft.Purview/consents/write Microsoft.Purview/consents/delete Microsoft.Resources/deploymentStacks/manageDenySetting/action Microsoft.Subscription/cancel/action Microsoft.Subscription/enable/action", "", ""},
	{"Cosmos DB Account Reader Role", "fbdf93bf-df7d-467e-a4d2-9458aa1360c8", "Reads what describes Cosmos DB accounts, and their read-only keys",
		"Microsoft.Authorization/*/read Microsoft.DocumentDB/*/read Microsoft.DocumentDB/databaseAccounts/readonlykeys/action Microsoft.Insights/MetricDefinitions/read Microsoft.Insights/Metrics/read Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Support/*", "", "", ""},
	{"Cosmos DB Operator", "230815da-be43-4aae-9cb4-875f7bd000aa", "Manages Cosmos DB accounts without access to their data and keys",
		"Microsoft.DocumentDb/databaseAccounts/* Microsoft.Insights/alertRules/* Microsoft.Authorization/*/read Microsoft.ResourceHealth/availabilityStatuses/read Microsoft.Resources/deployments/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Support/* Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action", "Microsoft.DocumentDB/databaseAccounts/copyJobs/* Microsoft.DocumentDB/databaseAccounts/dataTransferJobs/* Microsoft.DocumentDB/databaseAccounts/readonlyKeys/* Microsoft.DocumentDB/databaseAccounts/regenerateKey/* Microsoft.DocumentDB/databaseAccounts/listKeys/* Microsoft.DocumentDB/databaseAccounts/listConnectionStrings/* Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions/write Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions/delete Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/write Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/delete Microsoft.DocumentDB/databaseAccounts/mongodbRoleDefinitions/write Microsoft.DocumentDB/databaseAccounts/mongodbRoleDefinitions/delete Microsoft.DocumentDB/databaseAccounts/mongodbUserDefinitions/write Microsoft.DocumentDB/databaseAccounts/mongodbUserDefinitions/delete", "", ""},
	{"DocumentDB Account Contributor", "5bd9cd88-fe45-4216-938b-f97437e15450", "Manages Cosmos DB accounts",
		"Microsoft.Authorization/*/read Microsoft.DocumentDb/databaseAccounts/* Microsoft.Insights/alertRules/* Microsoft.ResourceHealth/availabilityStatuses/read Microsoft.Resources/deployments/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Support/* Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action", "", "", ""},
	{"Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483", "Does everything with what is in a vault but manage the vault itself",
		"Microsoft.Authorization/*/read Microsoft.Insights/alertRules/* Microsoft.Resources/deployments/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Support/* Microsoft.KeyVault/checkNameAvailability/read Microsoft.KeyVault/deletedVaults/read Microsoft.KeyVault/locations/*/read Microsoft.KeyVault/vaults/*/read Microsoft.KeyVault/operations/read", "", "Microsoft.KeyVault/vaults/*", ""},
	{"Key Vault Contributor", "f25e0fa2-a7c8-4377-a976-54943a77a395", "Manages key vaults without access to what is in them",
		"Microsoft.Authorization/*/read Microsoft.Insights/alertRules/* Microsoft.KeyVault/* Microsoft.Resources/deployments/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Support/*", "Microsoft.KeyVault/locations/deletedVaults/purge/action Microsoft.KeyVault/hsmPools/* Microsoft.KeyVault/managedHsms/*", "", ""},
	{"Key Vault Reader", "21090545-7ca7-4776-b22c-e363652d74d2", "Sees vaults and what describes their contents, but no values",
		"Microsoft.Authorization/*/read Microsoft.Insights/alertRules/* Microsoft.Resources/deployments/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Support/* Microsoft.KeyVault/checkNameAvailability/read Microsoft.KeyVault/deletedVaults/read Microsoft.KeyVault/locations/*/read Microsoft.KeyVault/vaults/*/read Microsoft.KeyVault/operations/read", "", "Microsoft.KeyVault/vaults/*/read Microsoft.KeyVault/vaults/secrets/readMetadata/action", ""},
	{"Key Vault Secrets Officer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Does everything with secrets but manage access to them",
		"Microsoft.Authorization/*/read Microsoft.Insights/alertRules/* Microsoft.Resources/deployments/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Support/* Microsoft.KeyVault/checkNameAvailability/read Microsoft.KeyVault/deletedVaults/read Microsoft.KeyVault/locations/*/read Microsoft.KeyVault/vaults/*/read Microsoft.KeyVault/operations/read", "", "Microsoft.KeyVault/vaults/secrets/*", ""},
	{"Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6", "Reads the values of secrets",
		"", "", "Microsoft.KeyVault/vaults/secrets/getSecret/action Microsoft.KeyVault/vaults/secrets/readMetadata/action", ""},
	{"Managed Identity Contributor", "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", "Creates, reads, changes and deletes user-assigned identities",
		"Microsoft.ManagedIdentity/userAssignedIdentities/read Microsoft.ManagedIdentity/userAssignedIdentities/write Microsoft.ManagedIdentity/userAssignedIdentities/delete Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/* Microsoft.ManagedIdentity/userAssignedIdentities/revokeTokens/action Microsoft.Authorization/*/read Microsoft.Insights/alertRules/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Resources/deployments/* Microsoft.Support/*", "", "", ""},
	{"Managed Identity Operator", "f1a07417-d97a-45cb-824c-7a7467783830", "Reads user-assigned identities and assigns them to resources",
		"Microsoft.ManagedIdentity/userAssignedIdentities/*/read Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action Microsoft.Authorization/*/read Microsoft.Insights/alertRules/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Resources/deployments/* Microsoft.Support/*", "", "", ""},
	{"Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Manages everything, access included",
		"*", "", "", ""},
	{"Network Contributor", "4d97b98b-1d4f-4787-a291-c67834d212e7", "Manages networks, but not access to them",
		"Microsoft.Authorization/*/read Microsoft.Insights/alertRules/* Microsoft.Network/* Microsoft.ResourceHealth/availabilityStatuses/read Microsoft.Resources/deployments/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Support/*", "", "", ""},
	{"Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", "Sees everything and changes nothing",
		"*/read", "", "", ""},
	{"Storage Account Contributor", "17d1049b-9a84-46fb-8f53-869881c3d3ab", "Manages storage accounts and may read their keys",
		"Microsoft.Authorization/*/read Microsoft.Insights/alertRules/* Microsoft.Insights/diagnosticSettings/* Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action Microsoft.ResourceHealth/availabilityStatuses/read Microsoft.Resources/deployments/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.Storage/storageAccounts/* Microsoft.Support/*", "", "", ""},
	{"Storage Account Key Operator Service Role", "81a9662b-bebf-436f-a333-f67b29880f12", "Lists and renews the keys of storage accounts",
		"Microsoft.Storage/storageAccounts/listkeys/action Microsoft.Storage/storageAccounts/regeneratekey/action", "", "", ""},
	{"Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Reads, writes and deletes containers and blobs",
		"Microsoft.Storage/storageAccounts/blobServices/containers/delete Microsoft.Storage/storageAccounts/blobServices/containers/read Microsoft.Storage/storageAccounts/blobServices/containers/write Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action", "", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action", ""},
	{"Storage Blob Data Owner", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Does everything with containers and blobs, POSIX access included",
		"Microsoft.Storage/storageAccounts/blobServices/containers/* Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action", "", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*", ""},
	{"Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Reads containers and blobs",
		"Microsoft.Storage/storageAccounts/blobServices/containers/read Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action", "", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", ""},
	{"Storage Blob Delegator", "db58b8e5-c6ad-4a2a-8342-4190687cbf4a", "Gets keys with which shared access signatures are signed for a user",
		"Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action", "", "", ""},
	{"User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "Manages who has access to Azure",
		"*/read Microsoft.Authorization/* Microsoft.Support/*", "", "", ""},
	{"Virtual Machine Contributor", "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "Manages virtual machines, but neither signs in to them nor manages their networks and storage",
		"Microsoft.Authorization/*/read Microsoft.Compute/availabilitySets/* Microsoft.Compute/locations/* Microsoft.Compute/virtualMachines/* Microsoft.Compute/virtualMachineScaleSets/* Microsoft.Compute/cloudServices/* Microsoft.Compute/disks/write Microsoft.Compute/disks/read Microsoft.Compute/disks/delete Microsoft.Compute/hostgroups/write Microsoft.Compute/hostgroups/hosts/write Microsoft.DevTestLab/schedules/* Microsoft.Insights/alertRules/* Microsoft.Network/applicationGateways/backendAddressPools/join/action Microsoft.Network/loadBalancers/backendAddressPools/join/action Microsoft.Network/loadBalancers/inboundNatPools/join/action Microsoft.Network/loadBalancers/inboundNatRules/join/action Microsoft.Network/loadBalancers/probes/join/action Microsoft.Network/loadBalancers/read Microsoft.Network/locations/* Microsoft.Network/networkInterfaces/* Microsoft.Network/networkSecurityGroups/join/action Microsoft.Network/networkSecurityGroups/read Microsoft.Network/publicIPAddresses/join/action Microsoft.Network/publicIPAddresses/read Microsoft.Network/virtualNetworks/read Microsoft.Network/virtualNetworks/subnets/join/action Microsoft.RecoveryServices/locations/* Microsoft.RecoveryServices/Vaults/backupFabrics/backupProtectionIntent/write Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/*/read Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/read Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/write Microsoft.RecoveryServices/Vaults/backupPolicies/read Microsoft.RecoveryServices/Vaults/backupPolicies/write Microsoft.RecoveryServices/Vaults/read Microsoft.RecoveryServices/Vaults/usages/read Microsoft.RecoveryServices/Vaults/write Microsoft.ResourceHealth/availabilityStatuses/read Microsoft.Resources/deployments/* Microsoft.Resources/subscriptions/resourceGroups/read Microsoft.SerialConsole/serialPorts/connect/action Microsoft.SqlVirtualMachine/* Microsoft.Storage/storageAccounts/listKeys/action Microsoft.Storage/storageAccounts/read Microsoft.Support/*", "", "", ""},
}

// builtin is the table by GUID, builtinList in its order.
var builtin, builtinList = makeBuiltin()

// readerCreated is when Reader was created; the others' times are made from
// their names, for no source has them all.
var readerCreated = time.Date(2015, 2, 2, 21, 55, 9, 880642300, time.UTC)

func makeBuiltin() (map[string]Role, []Role) {
	byID := map[string]Role{}
	var list []Role
	for _, b := range builtinRoles {
		created := readerCreated
		if b.name != "Reader" {
			for i := range b.name {
				created = created.Add(time.Duration(b.name[i]) * 7 * time.Hour)
			}
		}
		r := Role{ID: b.id, Name: b.name, Description: b.description, CreatedOn: created, UpdatedOn: time.Date(2023, 11, 27, 16, 0, 0, 0, time.UTC),
			Permissions: Permissions{words(b.actions), words(b.notActions), words(b.dataActions), words(b.notDataActions)}}
		byID[b.id] = r
		list = append(list, r)
	}
	return byID, slices.Clip(list)
}

// words is never nil: an empty list prints as [].
func words(s string) []string { return append([]string{}, strings.Fields(s)...) }

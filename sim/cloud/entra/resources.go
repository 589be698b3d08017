package entra

import "strings"

// resource is an application of Microsoft's own that tokens can be meant for.
type resource struct {
	name  string
	appID string
	// uris are its identifiers; with any of them, with or without a slash at the
	// end, the audience of the token is the string as it was asked for.
	uris []string
}

// resources is the table of first-party resources (facts/azure-wire.md §3.4 and
// the public list of first-party application ids).
var resources = []resource{
	{"Windows Azure Service Management API", "797f4846-ba00-4fd7-ba43-dac1f8f63013", []string{"https://management.azure.com", "https://management.core.windows.net"}},
	{"Azure Key Vault", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093", []string{"https://vault.azure.net"}},
	{"Azure Storage", "e406a681-f3d4-42a8-90b6-c2b029497af1", []string{"https://storage.azure.com"}},
	{"Azure SQL Database", "022907d3-0f1b-48f7-badc-1ba6abab6d66", []string{"https://database.windows.net"}},
	{"Azure Data Lake", "e9f49c6b-5ce5-44c8-925d-015017e9f7ad", []string{"https://datalake.azure.net"}},
	{"Windows Azure Active Directory", "00000002-0000-0000-c000-000000000000", []string{"https://graph.windows.net"}},
	{"Microsoft Graph", "00000003-0000-0000-c000-000000000000", []string{"https://graph.microsoft.com"}},
	{"Microsoft.ServiceBus", "80a10ef9-8168-493d-abf9-3297c4ef6e3c", []string{"https://servicebus.azure.net"}},
	{"Microsoft.EventHubs", "80369ed6-5f11-4dd9-bef3-692475845e77", []string{"https://eventhubs.azure.net"}},
	{"Azure Cosmos DB", "a232010e-820c-4083-83bb-3ace5fc29d0b", []string{"https://cosmos.azure.com"}},
	{"Azure Container Registry", "6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26", []string{"https://containerregistry.azure.net"}},
}

// hostResources are the host patterns under which every account is an audience
// of its service.
var hostResources = []string{".blob.core.windows.net", ".queue.core.windows.net", ".table.core.windows.net", ".file.core.windows.net", ".dfs.core.windows.net", ".documents.azure.com", ".servicebus.windows.net"}

// findResource tells whether a resource is known, however it is spelled.
func findResource(asked string) (name string, ok bool) {
	bare := strings.ToLower(strings.TrimSuffix(asked, "/"))
	for _, r := range resources {
		if bare == r.appID {
			return r.name, true
		}
		for _, u := range r.uris {
			if bare == u {
				return r.name, true
			}
		}
	}
	if host, isURL := strings.CutPrefix(bare, "https://"); isURL && !strings.Contains(host, "/") {
		for _, suffix := range hostResources {
			if strings.HasSuffix(host, suffix) && len(host) > len(suffix) {
				return "the service of " + host, true
			}
		}
	}
	return "", false
}

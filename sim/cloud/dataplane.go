package cloud

import (
	"fmt"
	"io"
	"net/http"

	"skylab/sim/cloud/storage"
	"skylab/sim/cloud/vault"
	"skylab/sim/network"
)

// dataNames are the data services of storage accounts, as people call them.
var dataNames = map[string]string{"blob": "Blob Storage", "dfs": "Data Lake Storage", "file": "Azure Files", "queue": "Queue Storage", "table": "Table Storage", "web": "the static website of a storage account"}

// dataHosts are the places of the data services: the names of the accounts and
// vaults that there are resolve, and answer that they are not simulated.
func (c *Cloud) dataHosts() []network.Host {
	accounts, vaults := storage.Accounts{ARM: c.ARM}, vault.Vaults{ARM: c.ARM}
	var out []network.Host
	for service, host := range storage.Services() {
		out = append(out, network.Host{Pattern: "*." + host, Service: dataNames[service], Schemes: []string{"http", "https"}, Exists: accounts.Has, Handler: lacking(dataNames[service], "application/xml",
			"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>NotSimulated</Code><Message>%s</Message></Error>")})
	}
	return append(out, network.Host{Pattern: "*.vault.azure.net", Service: "Key Vault", Schemes: []string{"https"}, Exists: vaults.Has,
		Handler: lacking("the contents of a key vault", "application/json; charset=utf-8", `{"error":{"code":"NotSimulated","message":"%s"}}`)})
}

// lacking answers that a service is real and not simulated, in its own form.
func lacking(name, contentType, form string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(http.StatusNotImplemented)
		io.WriteString(w, fmt.Sprintf(form, "skylab: "+name+" is real but not simulated here"))
	})
}

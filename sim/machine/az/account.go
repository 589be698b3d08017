package az

import (
	"path"
	"slices"
	"strings"
	"time"

	"skylab/sim/ojson"
)

var accountCommands = map[string]command{
	"login": cmdLogin, "logout": cmdLogout,
	"account show": cmdAccountShow, "account list": cmdAccountList, "account set": cmdAccountSet, "account clear": cmdAccountClear,
	"account get-access-token": cmdAccessToken,
	"cloud show":               cmdCloudShow, "cloud list": cmdCloudList, "cloud list-profiles": cmdCloudProfiles, "cloud set": cmdCloudSet,
}

func cmdAccountShow(c *call) (any, error) {
	a, err := c.account(c.str("subscription"))
	if err != nil {
		return nil, err
	}
	return a.Clone(), nil
}

func cmdAccountList(c *call) (any, error) {
	if c.flag("refresh") {
		if err := c.refreshAccounts(); err != nil {
			return nil, err
		}
	}
	out := []any{}
	all := c.accounts().subscriptions
	if len(all) == 0 {
		c.warn("Please run \"az login\" to access your accounts.")
	}
	for _, s := range all {
		if s.Str("state") == "Enabled" || c.flag("all") {
			out = append(out, cloudNamed(s))
		}
	}
	if len(out) != len(all) {
		c.warn("A few accounts are skipped as they don't have 'Enabled' state. Use '--all' to display them.")
	}
	return out, nil
}

// refreshAccounts asks anew for the subscriptions of each account.
func (c *call) refreshAccounts() error {
	var done []string
	for _, s := range slices.Clone(c.accounts().subscriptions) {
		key := s.Str("user", "name") + s.Str("tenantId")
		if slices.Contains(done, key) {
			continue
		}
		done = append(done, key)
		t, err := c.token(armResource, s.Str("id"), "")
		if err != nil {
			return err
		}
		list, err := c.subscriptionsOf(t, s.Str("tenantId"))
		if err != nil {
			return err
		}
		c.accounts().merge(signedIn(list, s.Obj("user")))
	}
	return c.saveAccounts()
}

func cmdAccountSet(c *call) (any, error) {
	name := c.str("subscription")
	all := c.accounts().subscriptions
	var found []*ojson.Object
	for _, s := range all {
		if strings.EqualFold(s.Str("id"), name) || strings.EqualFold(s.Str("name"), name) {
			found = append(found, s)
		}
	}
	switch {
	case len(found) == 0:
		return nil, failf("The subscription of '%s' doesn't exist in cloud 'AzureCloud'.", name)
	case len(found) > 1:
		return nil, failf("The subscription of '%s' has more than 1 match in cloud 'AzureCloud'.", name)
	}
	for _, s := range all {
		s.Set("isDefault", s == found[0])
	}
	if err := c.saveAccounts(); err != nil {
		return nil, failf("%s", err)
	}
	return nil, nil
}

func cmdAccountClear(c *call) (any, error) {
	if c.inCloudShell() {
		c.warn("Cloud Shell relies on the initial account signed-in with. Run 'az login --identity' to be signed in again")
	}
	c.accounts().subscriptions = nil
	for _, name := range []string{cacheFile, principalsFile} {
		_ = c.p.FS.Remove(path.Join(c.configDir(), name)) // it may not be there
	}
	return nil, c.saveAccounts()
}

func cmdLogout(c *call) (any, error) {
	user := c.str("username")
	if user == "" {
		a, err := c.account("")
		if err != nil {
			return nil, failf("There are no active accounts.")
		}
		user = a.Str("user", "name")
	}
	p := c.accounts()
	if user != "" {
		p.subscriptions = slices.DeleteFunc(p.subscriptions, func(s *ojson.Object) bool { return strings.EqualFold(s.Str("user", "name"), user) })
	}
	k := c.cache()
	if home := k.home(user); home != "" {
		for _, kind := range []string{"AccessToken", "RefreshToken", "IdToken", "Account"} {
			o := k.kind(kind)
			for _, m := range slices.Clone(o.Members()) {
				if e, _ := m.Value.(*ojson.Object); e.Str("home_account_id") == home {
					o.Delete(m.Key)
				}
			}
		}
		if err := k.save(); err != nil {
			return nil, failf("%s", err)
		}
	}
	kept := slices.DeleteFunc(c.principals(), func(e *ojson.Object) bool { return e.Str("client_id") == user })
	if len(kept) != len(c.principals()) {
		if err := c.savePrincipals(kept); err != nil {
			return nil, failf("%s", err)
		}
	}
	return nil, c.saveAccounts()
}

// resourceTypes are the values of get-access-token --resource-type.
var resourceTypes = map[string]string{"aad-graph": "https://graph.windows.net/", "arm": armResource, "batch": "https://batch.core.windows.net/", "data-lake": "https://datalake.azure.net/",
	"media": "https://rest.media.azure.net", "ms-graph": "https://graph.microsoft.com/", "oss-rdbms": "https://ossrdbms-aad.database.windows.net"}

func cmdAccessToken(c *call) (any, error) {
	sub, tenant := c.str("subscription"), c.str("tenant")
	if sub != "" && tenant != "" {
		return nil, failf("Please specify only one of subscription and tenant, not both")
	}
	scopes := c.list("scopes")
	if len(scopes) == 0 {
		resource := armResource
		if t := c.str("resource_type"); t != "" {
			resource = resourceTypes[t]
		}
		if r := c.str("resource"); r != "" {
			resource = r
		}
		scopes = []string{resource + "/.default"}
	}
	a, err := c.account(sub)
	if err != nil {
		return nil, err
	}
	t, err := c.tokenFor(scopes, sub, tenant)
	if err != nil {
		return nil, err
	}
	o := ojson.Obj("tokenType", "Bearer", "accessToken", t.access, "expiresOn", c.localTime(t.expires).Format("2006-01-02 15:04:05.000000"), "tenant", or(tenant, a.Str("tenantId")))
	if tenant == "" {
		o.Set("subscription", a.Str("id"))
	}
	return o, nil
}

// localTime is an instant on the machine, whose clock is set to UTC.
func (c *call) localTime(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// clouds are the clouds that the tool knows, with their endpoints.
func clouds() []any {
	cloud := func(name string, active bool, endpoints, suffixes *ojson.Object) *ojson.Object {
		return ojson.Obj("endpoints", endpoints, "isActive", active, "name", name, "profile", "latest", "suffixes", suffixes)
	}
	at := func(sep string, kv ...string) *ojson.Object {
		o := ojson.New()
		for i := 0; i+1 < len(kv); i += 2 {
			o.Set(kv[i], none(sep+kv[i+1]))
		}
		return o
	}
	names := []string{"activeDirectory", "activeDirectoryDataLakeResourceId", "activeDirectoryGraphResourceId", "activeDirectoryResourceId", "appInsightsResourceId", "appInsightsTelemetryChannelResourceId",
		"attestationResourceId", "azmirrorStorageAccountResourceId", "batchResourceId", "gallery", "logAnalyticsResourceId", "management", "mediaResourceId", "microsoftGraphResourceId", "ossrdbmsResourceId",
		"portal", "resourceManager", "sqlManagement", "synapseAnalyticsResourceId", "vmImageAliasDoc"}
	list := func(values string) *ojson.Object {
		o := ojson.New()
		for i, v := range strings.Fields(values) {
			if v == "-" {
				v = ""
			}
			o.Set(names[i], none(v))
		}
		return o
	}
	const aliases = "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/main/arm-compute/quickstart-templates/aliases.json"
	return []any{
		cloud("AzureCloud", true, list("https://login.microsoftonline.com https://datalake.azure.net/ https://graph.windows.net/ https://management.core.windows.net/ https://api.applicationinsights.io https://dc.applicationinsights.azure.com/v2/track https://attest.azure.net - https://batch.core.windows.net/ https://gallery.azure.com/ https://api.loganalytics.io https://management.core.windows.net/ https://rest.media.azure.net https://graph.microsoft.com/ https://ossrdbms-aad.database.windows.net https://portal.azure.com https://management.azure.com/ https://management.core.windows.net:8443/ https://dev.azuresynapse.net "+aliases),
			at("", "acrLoginServerEndpoint", ".azurecr.io", "attestationEndpoint", ".attest.azure.net", "azureDatalakeAnalyticsCatalogAndJobEndpoint", "azuredatalakeanalytics.net", "azureDatalakeStoreFileSystemEndpoint", "azuredatalakestore.net", "keyvaultDns", ".vault.azure.net", "mariadbServerEndpoint", ".mariadb.database.azure.com", "mhsmDns", ".managedhsm.azure.net", "mysqlServerEndpoint", ".mysql.database.azure.com", "postgresqlServerEndpoint", ".postgres.database.azure.com", "sqlServerHostname", ".database.windows.net", "storageEndpoint", "core.windows.net", "storageSyncEndpoint", "afs.azure.net", "synapseAnalyticsEndpoint", ".dev.azuresynapse.net")),
		cloud("AzureChinaCloud", false, list("https://login.chinacloudapi.cn - https://graph.chinacloudapi.cn/ https://management.core.chinacloudapi.cn/ https://api.applicationinsights.azure.cn https://dc.applicationinsights.azure.cn/v2/track - - https://batch.chinacloudapi.cn/ https://gallery.chinacloudapi.cn/ https://api.loganalytics.azure.cn https://management.core.chinacloudapi.cn/ https://rest.media.chinacloudapi.cn https://microsoftgraph.chinacloudapi.cn https://ossrdbms-aad.database.chinacloudapi.cn https://portal.azure.cn https://management.chinacloudapi.cn https://management.core.chinacloudapi.cn:8443/ https://dev.azuresynapse.azure.cn "+aliases),
			at("", "acrLoginServerEndpoint", ".azurecr.cn", "keyvaultDns", ".vault.azure.cn", "sqlServerHostname", ".database.chinacloudapi.cn", "storageEndpoint", "core.chinacloudapi.cn")),
		cloud("AzureUSGovernment", false, list("https://login.microsoftonline.us - https://graph.windows.net/ https://management.core.usgovcloudapi.net/ https://api.applicationinsights.us https://dc.applicationinsights.us/v2/track - - https://batch.core.usgovcloudapi.net/ https://gallery.usgovcloudapi.net/ https://api.loganalytics.us https://management.core.usgovcloudapi.net/ https://rest.media.usgovcloudapi.net https://graph.microsoft.us/ https://ossrdbms-aad.database.usgovcloudapi.net https://portal.azure.us https://management.usgovcloudapi.net/ https://management.core.usgovcloudapi.net:8443/ https://dev.azuresynapse.usgovcloudapi.net "+aliases),
			at("", "acrLoginServerEndpoint", ".azurecr.us", "keyvaultDns", ".vault.usgovcloudapi.net", "sqlServerHostname", ".database.usgovcloudapi.net", "storageEndpoint", "core.usgovcloudapi.net")),
	}
}

func cmdCloudList(c *call) (any, error) { return clouds(), nil }

func cmdCloudShow(c *call) (any, error) {
	name := or(c.str("cloud_name"), "AzureCloud")
	for _, x := range clouds() {
		if strings.EqualFold(x.(*ojson.Object).Str("name"), name) {
			return x, nil
		}
	}
	return nil, failf("The cloud '%s' is not registered.", name)
}

func cmdCloudProfiles(c *call) (any, error) {
	return []any{"latest", "2020-09-01-hybrid", "2019-03-01-hybrid", "2018-03-01-hybrid", "2017-03-09-profile"}, nil
}

func cmdCloudSet(c *call) (any, error) {
	name := c.str("cloud_name")
	x, err := cmdCloudShow(c)
	if err != nil {
		return nil, err
	}
	if x.(*ojson.Object).Str("name") != "AzureCloud" {
		return nil, notSimulated("the cloud " + name)
	}
	return nil, nil
}

// subscriptionPath is the path of the command's subscription.
func (c *call) subscriptionPath() (string, error) {
	sub, err := c.subscription()
	return "/subscriptions/" + pathSegment(sub), err
}

// groupPath is the path of the command's resource group.
func (c *call) groupPath() (string, error) {
	sub, err := c.subscriptionPath()
	return sub + "/resourceGroups/" + pathSegment(c.group()), err
}

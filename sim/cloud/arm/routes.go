package arm

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// route is a row of the table of what Resource Manager serves itself.
type route struct {
	method, path string
	// action is what the access check asks for, at the scope that the path names
	// up to the route's last variable; "" asks for nothing.
	action string
	// open routes need no token.
	open     bool
	versions []string // newest first
	handle   func(*ARM, *call) error
}

// resourceVersions are the api-versions of Microsoft.Resources that the lessons
// and ordinary clients use, newest first.
var resourceVersions = strings.Fields(`2024-11-01 2024-03-01 2023-07-01 2022-12-01 2022-09-01 2022-06-01 2022-05-01 2022-03-01-preview 2022-01-01 2021-04-01 2021-01-01
	2020-10-01 2020-09-01 2020-08-01 2020-07-01 2020-06-01 2020-05-01 2020-01-01 2019-11-01 2019-10-01 2019-09-01 2019-08-01 2019-07-01 2019-06-01 2019-05-10
	2019-05-01 2019-03-01 2018-11-01 2018-09-01 2018-08-01 2018-07-01 2018-06-01 2018-05-01 2018-02-01 2018-01-01 2017-12-01 2017-08-01 2017-06-01 2017-05-10
	2017-05-01 2017-03-01 2016-09-01 2016-07-01 2016-06-01 2016-02-01 2015-11-01 2015-01-01 2014-04-01-preview 2014-04-01 2014-01-01 2013-03-01 2014-02-26 2014-04`)

const groupPath = "/subscriptions/{subscription}/resourcegroups/{group}"

// routes is in the order in which a path is looked up.
var routes = []route{
	{http.MethodGet, "/subscriptions", "", false, resourceVersions, (*ARM).listSubscriptions},
	{http.MethodGet, "/subscriptions/{subscription}", "Microsoft.Resources/subscriptions/read", false, resourceVersions, (*ARM).getSubscription},
	{http.MethodGet, "/tenants", "", false, resourceVersions, (*ARM).listTenants},
	{http.MethodGet, "/subscriptions/{subscription}/resourcegroups", "Microsoft.Resources/subscriptions/resourceGroups/read", false, resourceVersions, (*ARM).listGroups},
	{http.MethodGet, groupPath, "Microsoft.Resources/subscriptions/resourceGroups/read", false, resourceVersions, (*ARM).getGroup},
	{http.MethodHead, groupPath, "Microsoft.Resources/subscriptions/resourceGroups/read", false, resourceVersions, (*ARM).headGroup},
	{http.MethodPut, groupPath, "Microsoft.Resources/subscriptions/resourceGroups/write", false, resourceVersions, (*ARM).putGroup},
	{http.MethodPatch, groupPath, "Microsoft.Resources/subscriptions/resourceGroups/write", false, resourceVersions, (*ARM).patchGroup},
}

// splitPath takes a path apart; doubled and trailing slashes do not count.
func splitPath(path string) []string {
	return slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
}

func isVar(s string) bool { return strings.HasPrefix(s, "{") }

// match finds the route of a path and method; methods are those that the path
// knows.
func match(segments []string, method string) (found *route, methods []string) {
	for i := range routes {
		r := &routes[i]
		parts := splitPath(r.path)
		if len(parts) != len(segments) {
			continue
		}
		fits := true
		for j, p := range parts {
			fits = fits && (isVar(p) || strings.EqualFold(p, segments[j]))
		}
		if !fits {
			continue
		}
		if r.method == method {
			return r, nil
		}
		methods = append(methods, r.method)
	}
	return nil, methods
}

// bind returns the values of a route's variables.
func (r *route) bind(segments []string) map[string]string {
	vars := map[string]string{}
	for i, p := range splitPath(r.path) {
		if isVar(p) {
			vars[strings.Trim(p, "{}")] = segments[i]
		}
	}
	return vars
}

// scope is the ARM id that a route's access check is about.
func (r *route) scope(vars map[string]string) string {
	scope := "/subscriptions/" + vars["subscription"]
	if g, ok := vars["group"]; ok {
		scope += "/resourceGroups/" + g
	}
	return scope
}

// unknownRoute answers for a path that no row serves: what Azure does not have
// with Azure's errors, what Azure has and this package does not with the honest
// sentence.
func unknownRoute(w http.ResponseWriter, segments, methods []string) error {
	if len(methods) > 0 {
		w.Header().Set("Allow", strings.Join(methods, ","))
		return failf(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	i := slices.IndexFunc(segments, func(s string) bool { return strings.EqualFold(s, "providers") })
	if i < 0 || i+1 >= len(segments) {
		return failf(http.StatusNotFound, "NotFound", "The requested path '/%s' was not found.", strings.Join(segments, "/"))
	}
	namespace := segments[i+1]
	if !knownNamespace(namespace) {
		return failf(http.StatusNotFound, "InvalidResourceNamespace", "The resource namespace '%s' is invalid.", namespace)
	}
	name := namespace
	for j := i + 2; j < len(segments); j += 2 {
		name += "/" + segments[j]
	}
	return failf(http.StatusNotImplemented, "NotSimulated", "skylab: %s is real but not simulated here", name)
}

// namespaces are resource providers of Azure (public list of providers).
var namespaces = strings.Fields(`Microsoft.AAD Microsoft.Advisor Microsoft.AlertsManagement Microsoft.AnalysisServices Microsoft.ApiManagement Microsoft.App
	Microsoft.AppConfiguration Microsoft.Attestation Microsoft.Authorization Microsoft.Automation Microsoft.AVS Microsoft.AzureArcData Microsoft.AzureStackHCI Microsoft.Batch
	Microsoft.Billing Microsoft.Blueprint Microsoft.BotService Microsoft.Cache Microsoft.Capacity Microsoft.Cdn Microsoft.CertificateRegistration Microsoft.ClassicCompute
	Microsoft.ClassicNetwork Microsoft.ClassicStorage Microsoft.CloudShell Microsoft.CognitiveServices Microsoft.Communication Microsoft.Compute Microsoft.Confluent
	Microsoft.Consumption Microsoft.ContainerInstance Microsoft.ContainerRegistry Microsoft.ContainerService Microsoft.CostManagement Microsoft.CustomProviders Microsoft.Dashboard
	Microsoft.DataBox Microsoft.Databricks Microsoft.DataCatalog Microsoft.DataFactory Microsoft.DataLakeAnalytics Microsoft.DataLakeStore Microsoft.DataMigration
	Microsoft.DataProtection Microsoft.DataShare Microsoft.DBforMariaDB Microsoft.DBforMySQL Microsoft.DBforPostgreSQL Microsoft.DesktopVirtualization Microsoft.Devices
	Microsoft.DevTestLab Microsoft.DigitalTwins Microsoft.DocumentDB Microsoft.DomainRegistration Microsoft.Elastic Microsoft.EventGrid Microsoft.EventHub Microsoft.ExtendedLocation
	Microsoft.Features Microsoft.GuestConfiguration Microsoft.HanaOnAzure Microsoft.HDInsight Microsoft.HealthcareApis Microsoft.HybridCompute Microsoft.HybridConnectivity
	Microsoft.HybridNetwork Microsoft.Insights Microsoft.IoTCentral Microsoft.KeyVault Microsoft.Kubernetes Microsoft.KubernetesConfiguration Microsoft.Kusto Microsoft.LabServices
	Microsoft.LoadTestService Microsoft.Logic Microsoft.MachineLearningServices Microsoft.Maintenance Microsoft.ManagedIdentity Microsoft.ManagedServices Microsoft.Management
	Microsoft.Maps Microsoft.Marketplace Microsoft.Media Microsoft.Migrate Microsoft.MixedReality Microsoft.NetApp Microsoft.Network Microsoft.NotificationHubs
	Microsoft.OperationalInsights Microsoft.OperationsManagement Microsoft.Orbital Microsoft.Peering Microsoft.PolicyInsights Microsoft.Portal Microsoft.PowerBIDedicated Microsoft.Purview
	Microsoft.Quota Microsoft.RecoveryServices Microsoft.RedHatOpenShift Microsoft.Relay Microsoft.ResourceGraph Microsoft.ResourceHealth Microsoft.Resources Microsoft.SaaS
	Microsoft.Search Microsoft.Security Microsoft.SecurityInsights Microsoft.SerialConsole Microsoft.ServiceBus Microsoft.ServiceFabric Microsoft.ServiceLinker Microsoft.SignalRService
	Microsoft.Solutions Microsoft.Sql Microsoft.SqlVirtualMachine Microsoft.Storage Microsoft.StorageCache Microsoft.StorageMover Microsoft.StorageSync Microsoft.StreamAnalytics
	Microsoft.Subscription Microsoft.Support Microsoft.Synapse Microsoft.VideoIndexer Microsoft.VirtualMachineImages Microsoft.VMware Microsoft.VoiceServices Microsoft.Web Microsoft.WorkloadMonitor Microsoft.Workloads`)

func knownNamespace(name string) bool {
	return slices.ContainsFunc(namespaces, func(n string) bool { return strings.EqualFold(n, name) })
}

// queryFold returns a query parameter by its name without regard to case.
func queryFold(r *http.Request, name string) string {
	q, _ := url.ParseQuery(r.URL.RawQuery)
	for k, v := range q {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

func value(list []any) *ojson.Object { return ojson.Obj("value", list) }

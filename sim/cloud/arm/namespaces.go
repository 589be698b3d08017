package arm

import (
	"slices"
	"strings"
)

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

// KnownNamespace tells whether Azure has a resource provider.
func KnownNamespace(name string) bool {
	return slices.ContainsFunc(namespaces, func(n string) bool { return strings.EqualFold(n, name) })
}

// realTypes are the resource types at the top of the namespaces that lessons and
// their readers come across, whether simulated or not. Of a namespace that is
// not in the table any type may be real.
var realTypes = typesTable(map[string]string{
	"Microsoft.App":                 "containerApps connectedEnvironments jobs locations managedEnvironments operations sessionPools",
	"Microsoft.AppConfiguration":    "checkNameAvailability configurationStores deletedConfigurationStores locations operations",
	"Microsoft.Authorization":       "accessReviewHistoryDefinitions accessReviewScheduleDefinitions checkAccess classicAdministrators dataAliases denyAssignments elevateAccess eligibleChildResources findOrphanRoleAssignments locks operations permissions policyAssignments policyDefinitions policyExemptions policySetDefinitions privateLinkAssociations providerOperations resourceManagementPrivateLinks roleAssignmentApprovals roleAssignments roleAssignmentScheduleInstances roleAssignmentScheduleRequests roleAssignmentSchedules roleDefinitions roleEligibilityScheduleInstances roleEligibilityScheduleRequests roleEligibilitySchedules roleManagementPolicies roleManagementPolicyAssignments",
	"Microsoft.Automation":          "automationAccounts deletedAutomationAccounts operations",
	"Microsoft.Batch":               "batchAccounts locations operations",
	"Microsoft.CognitiveServices":   "accounts checkDomainAvailability deletedAccounts locations operations",
	"Microsoft.Compute":             "availabilitySets capacityReservationGroups cloudServices diskAccesses diskEncryptionSets disks galleries hostGroups images locations operations proximityPlacementGroups restorePointCollections sharedVMExtensions sharedVMImages skus snapshots sshPublicKeys virtualMachines virtualMachineScaleSets",
	"Microsoft.ContainerInstance":   "containerGroups locations operations serviceAssociationLinks",
	"Microsoft.ContainerRegistry":   "checkNameAvailability locations operations registries",
	"Microsoft.ContainerService":    "containerServices fleets locations managedClusters operations snapshots",
	"Microsoft.DataFactory":         "checkDataFactoryNameAvailability checkAzureDataFactoryNameAvailability dataFactories factories locations operations",
	"Microsoft.DataLakeAnalytics":   "accounts locations operations",
	"Microsoft.DataLakeStore":       "accounts locations operations",
	"Microsoft.DocumentDB":          "cassandraClusters databaseAccountNames databaseAccounts locations mongoClusters operationResults operations restorableDatabaseAccounts",
	"Microsoft.EventGrid":           "domains eventSubscriptions extensionTopics locations namespaces operations partnerConfigurations partnerNamespaces partnerRegistrations partnerTopics systemTopics topics topicTypes verifiedPartners",
	"Microsoft.EventHub":            "availableClusterRegions checkNamespaceAvailability checkNameAvailability clusters locations namespaces operations sku",
	"Microsoft.HybridCompute":       "locations machines operations privateLinkScopes",
	"Microsoft.Insights":            "actionGroups activityLogAlerts alertRules autoscaleSettings baseline components dataCollectionEndpoints dataCollectionRuleAssociations dataCollectionRules diagnosticSettings diagnosticSettingsCategories eventCategories eventtypes extendedDiagnosticSettings guestDiagnosticSettings listMigrationDate locations logDefinitions logProfiles logs metricAlerts metricBaselines metricBatch metricDefinitions metricNamespaces metrics migrateAlertRules notificationStatus operations privateLinkScopeOperationStatuses privateLinkScopes rollbackToLegacyPricingModel scheduledQueryRules topology transactions vmInsightsOnboardingStatuses webTests workbooks workbookTemplates",
	"Microsoft.KeyVault":            "checkMhsmNameAvailability checkNameAvailability deletedManagedHSMs deletedVaults hsmPools locations managedHSMs operations vaults",
	"Microsoft.Kusto":               "clusters locations operations",
	"Microsoft.Logic":               "integrationAccounts integrationServiceEnvironments isolatedEnvironments locations operations workflows",
	"Microsoft.ManagedIdentity":     "identities operations userAssignedIdentities",
	"Microsoft.Network":             "applicationGatewayAvailableRequestHeaders applicationGateways applicationGatewayWebApplicationFirewallPolicies applicationSecurityGroups azureFirewalls bastionHosts bgpServiceCommunities connections customIpPrefixes ddosCustomPolicies ddosProtectionPlans dnsForwardingRulesets dnsOperationResults dnsResolvers dnszones expressRouteCircuits expressRouteGateways expressRoutePorts firewallPolicies frontDoors frontdoorWebApplicationFirewallPolicies internalNotify ipAllocations ipGroups loadBalancers localNetworkGateways locations natGateways networkIntentPolicies networkInterfaces networkManagers networkProfiles networkSecurityGroups networkVirtualAppliances networkWatchers operations p2sVpnGateways privateDnsZones privateEndpoints privateLinkServices publicIPAddresses publicIPPrefixes routeFilters routeTables securityPartnerProviders serviceEndpointPolicies trafficManagerProfiles virtualHubs virtualNetworkGateways virtualNetworks virtualNetworkTaps virtualRouters virtualWans vpnGateways vpnServerConfigurations vpnSites",
	"Microsoft.OperationalInsights": "clusters deletedWorkspaces linkTargets locations operations queryPacks storageInsightConfigs workspaces",
	"Microsoft.Relay":               "checkNameAvailability namespaces operations",
	"Microsoft.ResourceGraph":       "operations queries resourceChangeDetails resourceChanges resources resourcesHistory subscriptionsStatus",
	"Microsoft.Resources":           "bulkDelete calculateTemplateHash changes checkPolicyCompliance checkresourcename checkZonePeers deployments deploymentScripts deploymentStacks links locations notifyResourceJobs operationresults operations providers resourceGroups resources subscriptions tagnamespaces tags templateSpecs tenants validateResources",
	"Microsoft.Search":              "checkNameAvailability checkServiceNameAvailability operations resourceHealthMetadata searchServices",
	"Microsoft.ServiceBus":          "checkNamespaceAvailability checkNameAvailability locations namespaces operations premiumMessagingRegions sku",
	"Microsoft.ServiceFabric":       "clusters locations managedClusters operations",
	"Microsoft.Sql":                 "checkNameAvailability instancePools locations managedInstances operations servers virtualClusters",
	"Microsoft.Storage":             "checkNameAvailability deletedAccounts locations operations storageAccounts storageTasks usages",
	"Microsoft.Web":                 "availableStacks billingMeters certificates checkNameAvailability connectionGateways connections containerApps customApis customhostnameSites deletedSites deploymentLocations functionAppStacks generateGithubAccessTokenForAppserviceCLI georegions hostingEnvironments ishostingenvironmentnameavailable ishostnameavailable isusernameavailable kubeEnvironments listSitesAssignedToHostName locations operations publishingUsers recommendations resourceHealthMetadata runtimes serverFarms sites sourceControls staticSites validate verifyHostingEnvironmentVnet webAppStacks workerApps",
})

func typesTable(table map[string]string) map[string][]string {
	out := map[string][]string{}
	for ns, types := range table {
		out[strings.ToLower(ns)] = strings.Fields(types)
	}
	return out
}

// knownType tells whether Azure may have a type.
func knownType(namespace, name string) bool {
	list, ok := realTypes[strings.ToLower(namespace)]
	return !ok || slices.ContainsFunc(list, func(t string) bool { return strings.EqualFold(t, name) })
}

// regionRow is a location of the public cloud.
type regionRow struct{ name, display, regional, geography, group, physical, latitude, longitude, paired string }

// regions is the table of locations (public list of Azure's regions).
var regions = []regionRow{
	{"eastus", "East US", "(US) East US", "United States", "US", "Virginia", "37.3719", "-79.8164", "westus"},
	{"southcentralus", "South Central US", "(US) South Central US", "United States", "US", "Texas", "29.4167", "-98.5", "northcentralus"},
	{"westus2", "West US 2", "(US) West US 2", "United States", "US", "Washington", "47.233", "-119.852", "westcentralus"},
	{"westus3", "West US 3", "(US) West US 3", "United States", "US", "Phoenix", "33.448376", "-112.074036", "eastus"},
	{"australiaeast", "Australia East", "(Asia Pacific) Australia East", "Australia", "Asia Pacific", "New South Wales", "-33.86", "151.2094", "australiasoutheast"},
	{"southeastasia", "Southeast Asia", "(Asia Pacific) Southeast Asia", "Asia Pacific", "Asia Pacific", "Singapore", "1.283", "103.833", "eastasia"},
	{"northeurope", "North Europe", "(Europe) North Europe", "Europe", "Europe", "Ireland", "53.3478", "-6.2597", "westeurope"},
	{"swedencentral", "Sweden Central", "(Europe) Sweden Central", "Sweden", "Europe", "Gävle", "60.67488", "17.14127", "swedensouth"},
	{"uksouth", "UK South", "(Europe) UK South", "United Kingdom", "Europe", "London", "50.941", "-0.799", "ukwest"},
	{"westeurope", "West Europe", "(Europe) West Europe", "Europe", "Europe", "Netherlands", "52.3667", "4.9", "northeurope"},
	{"centralus", "Central US", "(US) Central US", "United States", "US", "Iowa", "41.5908", "-93.6208", "eastus2"},
	{"southafricanorth", "South Africa North", "(Africa) South Africa North", "South Africa", "Africa", "Johannesburg", "-25.73134", "28.21837", "southafricawest"},
	{"centralindia", "Central India", "(Asia Pacific) Central India", "India", "Asia Pacific", "Pune", "18.5822", "73.9197", "southindia"},
	{"eastasia", "East Asia", "(Asia Pacific) East Asia", "Asia Pacific", "Asia Pacific", "Hong Kong", "22.267", "114.188", "southeastasia"},
	{"japaneast", "Japan East", "(Asia Pacific) Japan East", "Japan", "Asia Pacific", "Tokyo, Saitama", "35.68", "139.77", "japanwest"},
	{"koreacentral", "Korea Central", "(Asia Pacific) Korea Central", "Korea", "Asia Pacific", "Seoul", "37.5665", "126.978", "koreasouth"},
	{"canadacentral", "Canada Central", "(Canada) Canada Central", "Canada", "Canada", "Toronto", "43.653", "-79.383", "canadaeast"},
	{"francecentral", "France Central", "(Europe) France Central", "France", "Europe", "Paris", "46.3772", "2.373", "francesouth"},
	{"germanywestcentral", "Germany West Central", "(Europe) Germany West Central", "Germany", "Europe", "Frankfurt", "50.110924", "8.682127", "germanynorth"},
	{"norwayeast", "Norway East", "(Europe) Norway East", "Norway", "Europe", "Norway", "59.913868", "10.752245", "norwaywest"},
	{"switzerlandnorth", "Switzerland North", "(Europe) Switzerland North", "Switzerland", "Europe", "Zurich", "47.451542", "8.564572", "switzerlandwest"},
	{"uaenorth", "UAE North", "(Middle East) UAE North", "UAE", "Middle East", "Dubai", "25.266666", "55.316666", "uaecentral"},
	{"brazilsouth", "Brazil South", "(South America) Brazil South", "Brazil", "South America", "Sao Paulo State", "-23.55", "-46.633", "southcentralus"},
	{"eastus2", "East US 2", "(US) East US 2", "United States", "US", "Virginia", "36.6681", "-78.3889", "centralus"},
	{"northcentralus", "North Central US", "(US) North Central US", "United States", "US", "Illinois", "41.8819", "-87.6278", "southcentralus"},
	{"westus", "West US", "(US) West US", "United States", "US", "California", "37.783", "-122.417", "eastus"},
	{"japanwest", "Japan West", "(Asia Pacific) Japan West", "Japan", "Asia Pacific", "Osaka", "34.6939", "135.5022", "japaneast"},
	{"westcentralus", "West Central US", "(US) West Central US", "United States", "US", "Wyoming", "40.89", "-110.234", "westus2"},
	{"australiasoutheast", "Australia Southeast", "(Asia Pacific) Australia Southeast", "Australia", "Asia Pacific", "Victoria", "-37.8136", "144.9631", "australiaeast"},
	{"koreasouth", "Korea South", "(Asia Pacific) Korea South", "Korea", "Asia Pacific", "Busan", "35.1796", "129.0756", "koreacentral"},
	{"southindia", "South India", "(Asia Pacific) South India", "India", "Asia Pacific", "Chennai", "12.9822", "80.1636", "centralindia"},
	{"canadaeast", "Canada East", "(Canada) Canada East", "Canada", "Canada", "Quebec", "46.817", "-71.217", "canadacentral"},
	{"ukwest", "UK West", "(Europe) UK West", "United Kingdom", "Europe", "Cardiff", "53.427", "-3.084", "uksouth"},
}

// locationNames are the names of the regions.
var locationNames = func() []string {
	var out []string
	for _, r := range regions {
		out = append(out, r.name)
	}
	return out
}()

// Locations returns the names of the regions, such as "westus".
func Locations() []string { return slices.Clone(locationNames) }

// Paired returns the region that keeps a region's second copies.
func Paired(location string) string {
	for _, r := range regions {
		if r.name == location {
			return r.paired
		}
	}
	return ""
}

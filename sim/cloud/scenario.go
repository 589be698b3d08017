package cloud

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"skylab/sim/cloud/entra"
	"skylab/sim/cloud/rbac"
)

// Scenario is a cloud to start from, as data: what its administrator created.
type Scenario struct {
	Name        string
	Description string
	// VM is the name of the scenario's machine; "" means there is none.
	VM string
	// Wide tells that its machines need the wider lab from the start.
	Wide bool
	// Puts are requests to Resource Manager, in order. {s} stands for the
	// subscription's ARM id, {key} for the public key of the machine's
	// administrator.
	Puts []Put
	// People are users beside the administrator, by alias and name. Teams are
	// groups of them, by their aliases; Applications are registrations.
	People       []Person
	Teams        []Team
	Applications []string
	// RoleDelay is how long a role assignment that is made in this world takes to
	// work, on the lab's clock: 0 is at once, Azure's own is up to ten minutes.
	// It holds for assignments alone, not for what the scenario itself makes, and
	// is kept in the snapshot (rbac.State.Delay).
	RoleDelay time.Duration
}

// Person is a user of the tenant; Team a group with members, by alias.
type (
	Person struct{ Alias, Name, JobTitle string }
	Team   struct {
		Name, Description string
		Members           []string
	}
)

// Put is one request: path, with its api-version, and body.
type Put struct{ Path, Body string }

const (
	group    = "{s}/resourceGroups/myResourceGroup"
	networkV = "?api-version=2023-09-01"
	groupV   = "?api-version=2021-04-01"
	owner    = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
)

// groups is the resource group that every scenario has.
var groups = []Put{{group + groupV, `{"location":"westus"}`}}

// linuxVM is a Linux VM, with an identity of a type, and what it needs around it.
func linuxVM(identity string) []Put {
	return []Put{
		{group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/otherIdentity?api-version=2023-01-31", `{"location":"westus"}`},
		{group + "/providers/Microsoft.Network/networkSecurityGroups/myVM-nsg" + networkV, `{"location":"westus","properties":{"securityRules":[{"name":"SSH","properties":{"priority":300,"protocol":"TCP","access":"Allow","direction":"Inbound","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"22"}}]}}`},
		{group + "/providers/Microsoft.Network/virtualNetworks/myVM-vnet" + networkV, `{"location":"westus","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"default","properties":{"addressPrefix":"10.0.0.0/24"}}]}}`},
		{group + "/providers/Microsoft.Network/publicIPAddresses/myVM-ip" + networkV, `{"location":"westus","sku":{"name":"Standard"},"properties":{"publicIPAllocationMethod":"Static","dnsSettings":{"domainNameLabel":"myvm"}}}`},
		{group + "/providers/Microsoft.Network/networkInterfaces/myVM-nic" + networkV, `{"location":"westus","properties":{"ipConfigurations":[{"name":"ipconfig1","properties":{"subnet":{"id":"` + group + `/providers/Microsoft.Network/virtualNetworks/myVM-vnet/subnets/default"},"publicIPAddress":{"id":"` + group + `/providers/Microsoft.Network/publicIPAddresses/myVM-ip"}}}],"networkSecurityGroup":{"id":"` + group + `/providers/Microsoft.Network/networkSecurityGroups/myVM-nsg"}}}`},
		{group + "/providers/Microsoft.Compute/virtualMachines/myVM?api-version=2024-07-01", `{"location":"westus","identity":{"type":"` + identity + `"},"properties":{"hardwareProfile":{"vmSize":"Standard_B1s"},` +
			`"storageProfile":{"imageReference":{"publisher":"Canonical","offer":"0001-com-ubuntu-server-jammy","sku":"22_04-lts-gen2","version":"latest"},"osDisk":{"name":"myVM_OsDisk_1","createOption":"FromImage","caching":"ReadWrite"}},` +
			`"osProfile":{"computerName":"myVM","adminUsername":"azureuser","linuxConfiguration":{"disablePasswordAuthentication":true,"ssh":{"publicKeys":[{"path":"/home/azureuser/.ssh/authorized_keys","keyData":"{key}"}]}}},` +
			`"networkProfile":{"networkInterfaces":[{"id":"` + group + `/providers/Microsoft.Network/networkInterfaces/myVM-nic"}]}}}`},
	}
}

// windowsVM is a Windows VM, with an identity of a type, and what it needs around
// it.
func windowsVM(identity string) []Put {
	return []Put{
		{group + "/providers/Microsoft.Network/networkSecurityGroups/myVM-nsg" + networkV, `{"location":"westus","properties":{"securityRules":[{"name":"RDP","properties":{"priority":300,"protocol":"TCP","access":"Allow","direction":"Inbound","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"3389"}}]}}`},
		{group + "/providers/Microsoft.Network/virtualNetworks/myVM-vnet" + networkV, `{"location":"westus","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"default","properties":{"addressPrefix":"10.0.0.0/24"}}]}}`},
		{group + "/providers/Microsoft.Network/publicIPAddresses/myVM-ip" + networkV, `{"location":"westus","sku":{"name":"Standard"},"properties":{"publicIPAllocationMethod":"Static"}}`},
		{group + "/providers/Microsoft.Network/networkInterfaces/myVM-nic" + networkV, `{"location":"westus","properties":{"ipConfigurations":[{"name":"ipconfig1","properties":{"subnet":{"id":"` + group + `/providers/Microsoft.Network/virtualNetworks/myVM-vnet/subnets/default"},"publicIPAddress":{"id":"` + group + `/providers/Microsoft.Network/publicIPAddresses/myVM-ip"}}}],"networkSecurityGroup":{"id":"` + group + `/providers/Microsoft.Network/networkSecurityGroups/myVM-nsg"}}}`},
		{group + "/providers/Microsoft.Compute/virtualMachines/myVM?api-version=2024-07-01", `{"location":"westus","identity":{"type":"` + identity + `"},"properties":{"hardwareProfile":{"vmSize":"Standard_B2s"},` +
			`"storageProfile":{"imageReference":{"publisher":"MicrosoftWindowsServer","offer":"WindowsServer","sku":"2022-datacenter-azure-edition","version":"latest"},"osDisk":{"name":"myVM_OsDisk_1","createOption":"FromImage","caching":"ReadWrite"}},` +
			`"osProfile":{"computerName":"myVM","adminUsername":"azureuser","adminPassword":"Simulated-Pa55word","windowsConfiguration":{"provisionVMAgent":true,"enableAutomaticUpdates":true}},` +
			`"networkProfile":{"networkInterfaces":[{"id":"` + group + `/providers/Microsoft.Network/networkInterfaces/myVM-nic"}]}}}`},
	}
}

// storageAccount is an account that the machine has no access to.
var storageAccount = []Put{{group + "/providers/Microsoft.Storage/storageAccounts/mystorageacct?api-version=2023-01-01", `{"location":"westus","kind":"StorageV2","sku":{"name":"Standard_LRS"}}`}}

// people and teams are who works with the administrator.
var (
	people = []Person{{"dana", "Dana Young", "Developer"}}
	teams  = []Team{{"Developers", "Those who write the application on myVM", []string{"dana"}}}
)

// Scenarios is the table of worlds to start from.
var Scenarios = []Scenario{
	{Name: "linux-vm", Description: "a Linux VM with a system-assigned identity that has no role", VM: "myVM", Puts: slices.Concat(groups, linuxVM("SystemAssigned")), People: people, Teams: teams, Applications: []string{"Build pipeline"}},
	{Name: "linux-vm-storage", Description: "linux-vm with a storage account", VM: "myVM", Puts: slices.Concat(groups, linuxVM("SystemAssigned"), storageAccount), People: people, Teams: teams, Applications: []string{"Build pipeline"}},
	{Name: "windows-vm", Description: "a Windows VM with a system-assigned identity that has no role", VM: "myVM", Wide: true, Puts: slices.Concat(groups, windowsVM("SystemAssigned")), People: people, Teams: teams, Applications: []string{"Build pipeline"}},
	{Name: "no-vm", Description: "a resource group and no VM", Puts: groups},
	{Name: "linux-vm-no-identity", Description: "a Linux VM that has no identity, and a user-assigned identity beside it", VM: "myVM", Puts: slices.Concat(groups, linuxVM("None")), People: people, Teams: teams},
}

// FindScenario returns a scenario by name.
func FindScenario(name string) (Scenario, bool) {
	i := slices.IndexFunc(Scenarios, func(s Scenario) bool { return s.Name == name })
	if i < 0 {
		return Scenario{}, false
	}
	return Scenarios[i], true
}

// Build fills an empty cloud: an administrator who owns a subscription, and
// what the scenario puts into it, by requests that Resource Manager checks like
// any other. They go past the network's record, for they lie before the lab.
func (c *Cloud) Build(ctx context.Context, s Scenario, publicKey string) error {
	admin := c.Entra.CreateUser("admin", "Lab Administrator", entra.GlobalAdministrator)
	sub := "/subscriptions/" + c.ARM.CreateSubscription("Pay-As-You-Go").ID
	name := c.ARM.IDs.GUID("cloud.assignment")
	if _, err := c.Access.Assign(rbac.Assignment{Name: name, Scope: sub, RoleID: owner, PrincipalID: admin.ID}, admin.ID); err != nil {
		return fmt.Errorf("make the administrator the owner: %w", err)
	}
	token, err := c.Entra.UserToken(admin.ID, entra.PortalApp, "https://management.azure.com/", "user_impersonation")
	if err != nil {
		return err
	}
	fill := strings.NewReplacer("{s}", sub, "{key}", publicKey)
	for _, p := range s.Puts {
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, "https://management.azure.com"+fill.Replace(p.Path), strings.NewReader(fill.Replace(p.Body)))
		if err != nil {
			return fmt.Errorf("build %s: %w", s.Name, err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		w := &answer{header: http.Header{}}
		c.ARM.ServeHTTP(w, req)
		if w.status >= 300 {
			return fmt.Errorf("build %s: %s: %d %s", s.Name, p.Path, w.status, w.body.String())
		}
		c.ARM.Finish()
	}
	c.Access.SetDelay(s.RoleDelay)
	return c.populate(s)
}

// populate makes the scenario's people, groups and applications, after all else,
// so that they change no id of it.
func (c *Cloud) populate(s Scenario) error {
	ids := map[string]string{}
	for _, p := range s.People {
		ids[p.Alias] = c.Entra.CreateUser(p.Alias, p.Name).ID
		if err := c.Entra.Describe(ids[p.Alias], func(x *entra.Profile) { x.JobTitle = p.JobTitle }); err != nil {
			return fmt.Errorf("build %s: %w", s.Name, err)
		}
	}
	for _, t := range s.Teams {
		var members []string
		for _, alias := range t.Members {
			members = append(members, ids[alias])
		}
		g := c.Entra.CreateGroup(t.Name, members...)
		if err := c.Entra.Describe(g.ID, func(x *entra.Profile) { x.Description = t.Description }); err != nil {
			return fmt.Errorf("build %s: %w", s.Name, err)
		}
	}
	for _, name := range s.Applications {
		c.Entra.CreateApplication(name, nil)
	}
	return nil
}

// answer is a ResponseWriter that keeps what it is given.
type answer struct {
	header http.Header
	status int
	body   strings.Builder
}

func (w *answer) Header() http.Header         { return w.header }
func (w *answer) WriteHeader(s int)           { w.status = s }
func (w *answer) Write(b []byte) (int, error) { return w.body.Write(b) }

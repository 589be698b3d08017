package portal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

const activityV = "2015-04-01"

// operationNames are how the log names actions; others are shown as they are.
var operationNames = map[string]string{
	"Microsoft.Authorization/roleAssignments/write": "Create role assignment", "Microsoft.Authorization/roleAssignments/delete": "Delete role assignment",
	"Microsoft.Authorization/roleDefinitions/write": "Create or update custom role definition", "Microsoft.Authorization/roleDefinitions/delete": "Delete custom role definition",
	"Microsoft.Resources/subscriptions/resourceGroups/write": "Update resource group", "Microsoft.Resources/subscriptions/resourceGroups/delete": "Delete resource group",
	"Microsoft.Resources/tags/write": "Create or update tags", "Microsoft.Resources/tags/delete": "Delete tags",
	"Microsoft.Resources/deployments/write": "Create Deployment", "Microsoft.Resources/deployments/validate/action": "Validate Deployment",
	"Microsoft.Compute/virtualMachines/write": "Create or Update Virtual Machine", "Microsoft.Compute/virtualMachines/delete": "Delete Virtual Machine", "Microsoft.Compute/virtualMachines/start/action": "Start Virtual Machine",
	"Microsoft.Compute/virtualMachines/restart/action": "Restart Virtual Machine", "Microsoft.Compute/virtualMachines/deallocate/action": "Deallocate Virtual Machine", "Microsoft.Compute/virtualMachines/powerOff/action": "Power Off Virtual Machine",
	"Microsoft.ManagedIdentity/userAssignedIdentities/write": "Create/Update User Assigned Identity", "Microsoft.ManagedIdentity/userAssignedIdentities/delete": "Delete User Assigned Identity", "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action": "Assign User Assigned Identity",
	"Microsoft.Storage/storageAccounts/write": "Create/Update Storage Account", "Microsoft.Storage/storageAccounts/delete": "Delete Storage Account", "Microsoft.Storage/storageAccounts/listKeys/action": "List Storage Account Keys",
	"Microsoft.KeyVault/vaults/write": "Update Key Vault", "Microsoft.KeyVault/vaults/delete": "Delete Key Vault",
}

// spans are how far back the log is read.
var spans = []struct {
	value, text string
	back        time.Duration
}{{"1h", "Last hour", time.Hour}, {"6h", "Last 6 hours", 6 * time.Hour}, {"24h", "Last 24 hours", 24 * time.Hour}, {"1w", "Last week", 7 * 24 * time.Hour}, {"1m", "Last month", 30 * 24 * time.Hour}}

// activity is the blade Activity log of a scope: what was done there, with its
// filters, and one event's JSON.
func (p *Portal) activity(ctx context.Context, pg *page, id string) error {
	var options []blade.Option
	for _, s := range spans {
		options = append(options, blade.Option{Value: s.value, Text: s.text})
	}
	span, back := p.filter(pg, "activity.span", "span", "Timespan", "6h", options...)
	state, only := p.filter(pg, "activity.status", "status", "Event status", "all", blade.Option{Value: "all", Text: "All"}, blade.Option{Value: "Started", Text: "Started"}, blade.Option{Value: "Accepted", Text: "Accepted"},
		blade.Option{Value: "Succeeded", Text: "Succeeded"}, blade.Option{Value: "Failed", Text: "Failed"})
	search, wanted := p.filter(pg, "activity.search", "search", "Search", "")
	since := p.Clock.Now().Add(-6 * time.Hour)
	for _, s := range spans {
		if s.value == back {
			since = p.Clock.Now().Add(-s.back)
		}
	}
	filter := "eventTimestamp ge '" + since.Format("2006-01-02T15:04:05Z") + "'"
	flag := ""
	switch parts := strings.Split(id, "/"); {
	case len(parts) == 5:
		filter += " and resourceGroupName eq '" + parts[4] + "'"
		flag = " -g " + parts[4]
	case len(parts) > 5:
		filter += " and resourceUri eq '" + id + "'"
		flag = " --resource-id " + id
	}
	sub := strings.Join(strings.Split(id, "/")[:3], "/")
	path := sub + "/providers/Microsoft.Insights/eventtypes/management/values"
	o, err := p.arm(ctx, http.MethodGet, path, activityV, url.Values{"$filter": {filter}}, nil)
	if err != nil {
		return err
	}
	t := &blade.Table{Columns: []string{"Operation name", "Status", "Time", "Event initiated by", "Resource"}, Rows: []blade.Row{}, Select: "one", Empty: "No results to display. There are no events for the filters."}
	n := 0
	var chosen *ojson.Object
	for _, e := range items(o) {
		action, status, by := e.Str("operationName", "value"), e.Str("status", "value"), e.Str("caller")
		name := action
		if s := operationNames[action]; s != "" {
			name = s
		}
		if only != "all" && status != only || wanted != "" && !has(name+" "+action+" "+by+" "+e.Str("resourceId"), wanted) {
			continue
		}
		n++
		target, key := fmt.Sprintf("event.%d", n), e.Str("eventDataId")
		if key == p.state.Pending["event"] {
			chosen = e
		}
		t.Rows = append(t.Rows, blade.Row{Target: target, Key: key, Cells: []string{name, status, e.Str("eventTimestamp"), by, nameOf(e.Str("resourceId"))}})
		pg.on(target, func(context.Context, map[string]string) error {
			p.state.Pending = map[string]string{"span": back, "status": only, "search": wanted, "event": key}
			return nil
		})
	}
	pg.Sections = []blade.Section{{Choices: []blade.Choice{search, span, state}}, {Title: fmt.Sprintf("%d items", n), Table: t}}
	pg.Equivalents = &blade.Equiv{CLI: "az monitor activity-log list" + flag + " --offset " + strings.ReplaceAll(strings.ReplaceAll(back, "1w", "7d"), "1m", "30d"), PowerShell: "Get-AzActivityLog -StartTime " + since.Format(time.RFC3339),
		REST: fmt.Sprintf("curl -G 'https://management.azure.com%s?api-version=%s' --data-urlencode \"\\$filter=%s\" -H \"Authorization: Bearer $token\"", path, activityV, filter)}
	if chosen == nil {
		return nil
	}
	code, err := ojson.Indent(chosen, "    ", "\n")
	if err != nil {
		return fmt.Errorf("print the event: %w", err)
	}
	facts := []blade.Fact{}
	for _, f := range []column{{"Resource", "resourceId"}, {"Operation name", "operationName.value"}, {"Time stamp", "eventTimestamp"}, {"Event initiated by", "caller"}, {"Status", "status.value"}, {"Error code", "subStatus.value"}, {"Message", "properties.statusMessage"}, {"Correlation ID", "correlationId"}} {
		if v := cell(chosen, f.at, ""); v != "" {
			facts = append(facts, blade.Fact{Name: f.title, Value: v, Copy: true})
		}
	}
	pg.Panel = &blade.Panel{Title: chosen.Str("operationName", "value"), Sections: []blade.Section{{Title: "Summary", Facts: facts}, {Title: "JSON", Code: string(code)}}, Commands: []blade.Command{{Target: "event.close", Text: "Close"}}}
	pg.on("event.close", func(context.Context, map[string]string) error {
		p.state.Pending = map[string]string{"span": back, "status": only, "search": wanted}
		return nil
	})
	return nil
}

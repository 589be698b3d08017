package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"skylab/sim/machine/portal/blade"
)

// walk does one thing after the other in the portal: a step is a path or a target,
// with values behind it: "target|name=value|name=value".
func walk(t *testing.T, l *Lab, steps ...string) blade.Blade {
	t.Helper()
	var b blade.Blade
	for _, step := range steps {
		parts := strings.Split(step, "|")
		a := action(parts[0])
		a.Values = map[string]string{}
		for _, kv := range parts[1:] {
			k, v, _ := strings.Cut(kv, "=")
			a.Values[k] = v
		}
		var err error
		if b, err = l.Portal().Do(t.Context(), a); err != nil {
			t.Fatalf("%s: %v\n%s", step, err, blade.Text(b))
		}
	}
	return b
}

func TestBlades(t *testing.T) {
	const vm, group = "/vms", "/groups"
	for _, c := range []struct {
		name  string
		steps []string
		want  []string
		not   []string
	}{
		{"a form shows what is missing", []string{group, "group.create", "step.review"}, []string{"Validation failed. Required information is missing or not valid.", "Resource group name: (The value must not be empty.)", "(Validation failed."}, []string{"Validation passed"}},
		{"a bad name", []string{group, "group.create", "create.name|name=ends."}, []string{"! Resource group names only allow alphanumeric characters, periods, underscores, hyphens and parenthesis and cannot end in a period."}, nil},
		{"a long name", []string{group, "group.create", "create.name|name=" + strings.Repeat("x", 91)}, []string{"! The value must have a length of at most 90."}, nil},
		{"a taken name", []string{group, "group.create", "create.name|name=MYRESOURCEGROUP"}, []string{"! A resource group with the same name already exists."}, nil},
		{"a group is made", []string{group, "group.create", "create.next|name=rg1", "create.back", "create.region.westeurope", "create.next", "create.next|tagName=env|tagValue=lab", "create.submit"}, []string{"(done) Created resource group 'rg1'", "Location: westeurope", "Tags: env : lab", "No resources to display"}, nil},
		{"a form that was not tried is not sent", []string{group, "group.create", "step.review", "create.submit"}, []string{"(error) It did not work: validation failed"}, []string{"(done)"}},
		{"a form is left", []string{group, "group.create", "create.cancel"}, []string{"Resource groups", "myResourceGroup"}, []string{"==="}},
		{"a group is deleted with its name", []string{group, "group.myResourceGroup", "group.delete", "confirm.yes|name=myResourceGroup"}, []string{"(done) Deleted resource group 'myResourceGroup'", "It took "}, []string{"myResourceGroup |"}},
		{"and not with another", []string{group, "group.myResourceGroup", "group.delete", "confirm.yes|name=other"}, []string{`(error) It did not work: the name that was entered is not "myResourceGroup"`}, nil},
		{"nor when it is called off", []string{group, "group.myResourceGroup", "group.delete", "confirm.no", group}, []string{"myResourceGroup |"}, nil},
		{"an identity's name is too short", []string{"/identities", "identity.create", "create.name|name=ab"}, []string{"! The value must have a length between 3 and 128."}, nil},
		{"an identity's name begins badly", []string{"/identities", "identity.create", "create.name|name=_abc"}, []string{"! The name must begin with a letter or a number and can only contain letters, numbers, hyphens and underscores."}, nil},
		{"an identity is made", []string{"/identities", "identity.create", "create.group.myResourceGroup", "create.region.westus", "create.next|name=id1", "create.next", "create.submit"}, []string{"(done) Created user assigned managed identity 'id1'", "Client ID: ", "Object (principal) ID: "}, nil},
		{"an identity is deleted", []string{"/identities", "identity.otherIdentity", "identity.delete", "confirm.yes"}, []string{"(done) Deleted user assigned managed identity 'otherIdentity'", "There is no user-assigned managed identity yet."}, nil},
		{"tags are kept until they are applied", []string{group, "group.myResourceGroup", "menu.tags", "tags.add|name=env|value=lab", "tags.add|name=owner|value=me", "tags.remove.owner"}, []string{"env | lab"}, []string{"owner | me", "(Nothing was changed.)"}},
		{"tags are applied", []string{group, "group.myResourceGroup", "menu.tags", "tags.add|name=env|value=lab", "tags.apply", "menu.overview"}, []string{"Tags: env : lab"}, nil},
		{"tags of a resource", []string{vm, "vm.myVM", "menu.tags", "tags.add|name=env|value=lab", "tags.apply"}, []string{"(done) Updated tags of 'myVM'", "env | lab", "(Nothing was changed.)"}, nil},
		{"tags are discarded", []string{group, "group.myResourceGroup", "menu.tags", "tags.add|name=env|value=lab", "tags.discard"}, []string{"No tags"}, nil},
		{"a tag's name", []string{group, "group.myResourceGroup", "menu.tags", "tags.add|name=a/b|value=x"}, []string{`Tag names can't contain these characters: <, >, %, &, \, ?, /`, "No tags"}, nil},
		{"a tag without a name", []string{group, "group.myResourceGroup", "menu.tags", "tags.add"}, []string{"The value must not be empty."}, nil},
		{"the log of a group", []string{group, "group.myResourceGroup", "menu.activity"}, []string{" items", "Create or Update Virtual Machine | Succeeded"}, nil},
		{"the log's status", []string{group, "group.myResourceGroup", "menu.activity", "activity.status.Failed"}, []string{"0 items", "No results to display."}, nil},
		{"the log's search", []string{group, "group.myResourceGroup", "menu.activity", "activity.search|search=user assigned"}, []string{"2 items", "otherIdentity"}, []string{"myVM-nic"}},
		{"one event", []string{group, "group.myResourceGroup", "menu.activity", "activity.search|search=user assigned", "event.1"}, []string{"=== Microsoft.ManagedIdentity/userAssignedIdentities/write ===", "Status: Succeeded", `"eventName": {`, "2 items"}, nil},
		{"its panel closes", []string{group, "group.myResourceGroup", "menu.activity", "event.1", "event.close"}, nil, []string{"==="}},
		{"the log of a machine", []string{vm, "vm.myVM", "vm.restart", "menu.activity"}, []string{"Restart Virtual Machine | Succeeded"}, []string{"otherIdentity"}},
		{"a machine stops", []string{vm, "vm.myVM", "vm.stop"}, []string{"(done) Stopped virtual machine 'myVM': Successfully stopped virtual machine 'myVM'. It took ", "Status: deallocated"}, nil},
		{"a machine starts", []string{vm, "vm.myVM", "vm.stop", "vm.start"}, []string{"(done) Started virtual machine 'myVM'", "Status: running"}, nil},
		{"a machine restarts", []string{vm, "vm.myVM", "vm.restart"}, []string{"(done) Restarted virtual machine 'myVM'", "Status: running"}, nil},
		{"a machine is deleted", []string{vm, "vm.myVM", "vm.delete", "confirm.yes"}, []string{"(done) Deleted virtual machine 'myVM'", "There is no virtual machine yet."}, nil},
		{"or not", []string{vm, "vm.myVM", "vm.delete", "confirm.no"}, []string{"Status: running"}, []string{"(done)", "==="}},
		{"a machine is connected to", []string{vm, "vm.myVM", "vm.connect"}, []string{"Command: ssh azureuser@"}, nil},
		{"an identity is turned off and on", []string{vm, "vm.myVM", "menu.identity", "identity.off", "identity.save", "identity.on", "identity.save"}, []string{"(done) Registered myVM with Microsoft Entra ID", "Status: on", "Object (principal) ID: "}, nil},
		{"a choice is discarded", []string{vm, "vm.myVM", "menu.identity", "identity.off", "identity.discard"}, []string{"Status: on", "(Nothing was changed.)"}, nil},
		{"an identity is added", []string{vm, "vm.myVM", "menu.identity", "identity.tab.user", "identity.add", "identity.pick.otherIdentity", "identity.attach"}, []string{"(done) Added user assigned managed identity 'otherIdentity' to 'myVM'", "otherIdentity | myResourceGroup"}, nil},
		{"and not without a choice", []string{vm, "vm.myVM", "menu.identity", "identity.tab.user", "identity.add", "identity.attach"}, []string{"(error)", "choose an identity first"}, nil},
		{"an identity is searched for", []string{vm, "vm.myVM", "menu.identity", "identity.tab.user", "identity.add", "identity.search|search=nope"}, []string{"No user assigned managed identities found"}, nil},
		{"the one attached is not offered again", []string{vm, "vm.myVM", "menu.identity", "identity.tab.user", "identity.add", "identity.pick.otherIdentity", "identity.attach", "identity.add"}, []string{"No user assigned managed identities found"}, nil},
		{"an identity's resources", []string{vm, "vm.myVM", "menu.identity", "identity.tab.user", "identity.add", "identity.pick.otherIdentity", "identity.attach", "identity.otherIdentity", "menu.associated"}, []string{"myVM | microsoft.compute/virtualmachines | myresourcegroup"}, nil},
		{"an identity is removed", []string{vm, "vm.myVM", "menu.identity", "identity.tab.user", "identity.add", "identity.pick.otherIdentity", "identity.attach", "identity.remove.otherIdentity", "confirm.yes"}, []string{"(done) Removed user assigned managed identity 'otherIdentity' from 'myVM'", "No user-assigned managed identity is attached."}, nil},
		{"the system identity stays then", []string{vm, "vm.myVM", "menu.identity", "identity.tab.user", "identity.add", "identity.pick.otherIdentity", "identity.attach", "identity.remove.otherIdentity", "confirm.yes", "identity.tab.system"}, []string{"Status: on"}, nil},
		{"a machine's roles", append(grant[:len(grant):len(grant)], vm, "vm.myVM", "menu.identity", "identity.roles"), []string{"=== Azure role assignments ===", "Reader | myResourceGroup | resource group"}, nil},
		{"an identity's roles", []string{"/identities", "identity.otherIdentity", "menu.azure-roles"}, []string{"No role assignments found for the selected subscription."}, nil},
		{"an identity's issuers", []string{"/identities", "identity.otherIdentity", "menu.federated"}, []string{"No federated credentials have been configured for this identity."}, nil},
		{"assignments stand under their roles", grant, []string{"All (2)", "Owner (1)", "Reader (1)", "myVM | Managed identity | Reader | This resource"}, nil},
		{"assignments are searched", append(grant[:len(grant):len(grant)], "access.search|search=myvm"), []string{"myVM | Managed identity"}, []string{"Lab Administrator"}},
		{"access of one", append(grant[:len(grant):len(grant)], "access.tab.check", "check.search|who=myVM", "check.myVM"), []string{"=== myVM assignments - myResourceGroup ===", "Current role assignments (1)", "Reader | This resource | --"}, nil},
		{"access of a group's member", []string{group, "group.myResourceGroup", "menu.access", "access.add", "role.Contributor", "step.members", "members.select", "member.Developers", "members.done", "step.review", "review.assign", "access.tab.check", "check.search|who=dana", "check.Dana Young"}, []string{"Contributor | This resource | Developers"}, nil},
		{"my access", []string{group, "group.myResourceGroup", "menu.access", "access.tab.check", "check.mine"}, []string{"Owner | /subscriptions/", "(Inherited)"}, nil},
		{"roles", []string{group, "group.myResourceGroup", "menu.access", "access.tab.roles", "roles.search|search=blob data reader", "definition.Storage Blob Data Reader"}, []string{"dataActions | Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", `"roleName": "Storage Blob Data Reader"`}, []string{"[definition.Owner]"}},
		{"custom roles", []string{group, "group.myResourceGroup", "menu.access", "access.tab.roles", "roles.type.CustomRole"}, []string{"No role has this"}, nil},
		{"denied", []string{group, "group.myResourceGroup", "menu.access", "access.tab.deny"}, []string{"skylab: the blade Deny assignments of the Azure portal is real but not simulated here"}, nil},
		{"what is absent says so", []string{vm, "vm.myVM", "menu.disks"}, []string{"myVM | Disks", "skylab: the blade Disks of the Azure portal is real but not simulated here"}, nil},
		{"so does a form", []string{vm, "vm.create"}, []string{"skylab: the blade Create a virtual machine of the Azure portal is real but not simulated here"}, nil},
		{"and the menu", []string{"/", "nav.policy"}, []string{"skylab: the blade Policy of the Azure portal is real but not simulated here"}, nil},
		{"only what is real is absent", []string{"/absent/Nonsense"}, []string{"The portal has no blade at /absent/Nonsense."}, nil},
		{"enterprise applications", []string{"/", "nav.enterprise"}, []string{"Build pipeline"}, []string{"myVM", "Microsoft Graph"}},
		{"managed identities among them", []string{"/", "nav.enterprise", "enterprise.type.managed"}, []string{"[app.myVM]", "[app.otherIdentity]"}, []string{"Build pipeline"}},
		{"Microsoft's among them", []string{"/", "nav.enterprise", "enterprise.type.microsoft"}, []string{"Microsoft Graph"}, []string{"myVM"}},
		{"a search among them", []string{"/", "nav.enterprise", "enterprise.type.all", "enterprise.search|search=my"}, []string{"[app.myVM]"}, []string{"otherIdentity"}},
		{"a managed identity there", []string{"/", "nav.enterprise", "enterprise.type.managed", "app.myVM"}, []string{"Type: ManagedIdentity", "Managed identity resource ID: /subscriptions/"}, nil},
		{"leads to its resource", []string{"/", "nav.enterprise", "enterprise.type.managed", "app.myVM", "fact.resource"}, []string{"Status: running"}, nil},
		{"has no permissions", []string{"/", "nav.enterprise", "enterprise.type.managed", "app.myVM", "menu.permissions"}, []string{"No admin consented permissions found for the application"}, nil},
		{"registrations", []string{"/", "nav.applications", "app.Build pipeline", "menu.credentials"}, []string{"Client secrets (0)", "Federated credentials (0)"}, nil},
		{"people", []string{"/", "nav.users", "users.search|search=dana", "user.Dana Young", "menu.memberships"}, []string{"Developers | group"}, nil},
		{"a group's members", []string{"/", "nav.directory-groups", "team.Developers", "menu.members"}, []string{"Dana Young | user"}, nil},
		{"a member is added", []string{"/", "nav.directory-groups", "team.Developers", "menu.members", "members.add", "members.search|who=my", "pick.myVM", "members.select"}, []string{"(done) Group members added: Successfully added 'myVM' to group 'Developers'.", "myVM | enterprise application"}, nil},
		{"once", []string{"/", "nav.directory-groups", "team.Developers", "menu.members", "members.add", "pick.Dana Young", "members.select"}, []string{"(error) Failed to add group member: Request_BadRequest: One or more added object references already exist"}, nil},
		{"a member is removed", []string{"/", "nav.directory-groups", "team.Developers", "menu.members", "members.remove.Dana Young", "confirm.yes"}, []string{"(done) Group members removed", "No members found"}, nil},
		{"notifications", []string{vm, "vm.myVM", "vm.stop", "/", "nav.notifications"}, []string{"Stopped virtual machine 'myVM' | Succeeded"}, nil},
		{"a subscription", []string{"/", "nav.subscriptions", "subscription.Pay-As-You-Go"}, []string{"Status: Enabled"}, nil},
		{"a kind without a row asks its provider", []string{"/subscriptions/{sub}/resourceGroups/myResourceGroup/providers/Microsoft.Compute/sshPublicKeys/none/-/overview"}, []string{"ResourceNotFound: The Resource 'Microsoft.Compute/sshPublicKeys/none'"}, nil},
		{"no such user", []string{"/directory/users/nobody/-/overview"}, []string{"Request_ResourceNotFound"}, nil},
		{"no such kind", []string{"/directory/devices"}, []string{"The portal has no blade at /directory/devices."}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, "a")
			steps := slices.Clone(c.steps)
			for i := range steps {
				for id := range l.cloud.ARM.State().Subscriptions {
					steps[i] = strings.ReplaceAll(steps[i], "{sub}", id)
				}
			}
			text := blade.Text(walk(t, l, steps...))
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			for _, not := range c.not {
				if strings.Contains(text, not) {
					t.Errorf("%q is in\n%s", not, text)
				}
			}
		})
	}
}

// TestEveryBlade walks wherever links lead. No two things on a blade have the
// same target, every blade can be shown or says honestly what is missing, and
// every command that changes something names its equivalents.
func TestEveryBlade(t *testing.T) {
	l := newLab(t, "a")
	seen, queue := map[string]bool{"/": true}, []string{"/"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		b := walk(t, l, path)
		if b.Title == "" || b.Title == "Not found" {
			t.Errorf("%s leads nowhere: %q", path, b.Title)
		}
		if text := blade.Text(b); b.Title == "This blade cannot be shown" && !strings.Contains(text, "skylab: Microsoft.") {
			t.Errorf("%s\n%s", path, text)
		}
		links, targets := everything(b)
		at := map[string]int{}
		for _, target := range targets {
			if at[target]++; at[target] == 2 {
				t.Errorf("two things on %s are named %s", path, target)
			}
		}
		for _, to := range links {
			if !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d blades were found", len(seen))
	}
}

// everything returns the paths that a blade links to, and all its targets.
func everything(b blade.Blade) (paths, targets []string) {
	link := func(list ...blade.Link) {
		for _, l := range list {
			if l.Path != "" {
				paths = append(paths, l.Path)
			}
			if l.Target != "" {
				targets = append(targets, l.Target)
			}
		}
	}
	command := func(list []blade.Command) {
		for _, c := range list {
			link(blade.Link{Target: c.Target})
		}
	}
	link(b.Menu...)
	command(b.Commands)
	sections := b.Sections
	if b.Panel != nil {
		link(b.Panel.Steps...)
		command(b.Panel.Commands)
		sections = append(sections[:len(sections):len(sections)], b.Panel.Sections...)
	}
	for _, s := range sections {
		link(s.Tabs...)
		for _, f := range s.Facts {
			link(blade.Link{Target: f.Target, Path: f.Path})
		}
		for _, c := range s.Choices {
			link(blade.Link{Target: c.Target})
			for _, o := range c.Options {
				link(blade.Link{Target: c.Target + "." + o.Value})
			}
		}
		if s.Table != nil {
			for _, r := range s.Table.Rows {
				link(blade.Link{Target: r.Target, Path: r.Path})
				command(r.Commands)
			}
		}
	}
	return paths, targets
}

// TestCommandsNameTheirEquivalents looks at each command that changes the cloud.
func TestCommandsNameTheirEquivalents(t *testing.T) {
	l := newLab(t, "a")
	for _, c := range []struct{ steps, target, cli string }{
		{"/vms,vm.myVM", "vm.start", "az vm start -g myResourceGroup -n myVM"},
		{"/vms,vm.myVM", "vm.restart", "az vm restart -g myResourceGroup -n myVM"},
		{"/vms,vm.myVM", "vm.stop", "az vm deallocate -g myResourceGroup -n myVM"},
		{"/vms,vm.myVM", "vm.delete", "az vm delete -g myResourceGroup -n myVM --yes"},
		{"/vms,vm.myVM,menu.identity,identity.off", "identity.save", "az vm identity remove -g myResourceGroup -n myVM"},
		{"/vms,vm.myVM,menu.identity,identity.tab.user,identity.add,identity.pick.otherIdentity", "identity.attach", "az vm identity assign -g myResourceGroup -n myVM --identities /subscriptions/"},
		{"/groups,group.myResourceGroup", "group.delete", "az group delete -n myResourceGroup"},
		{"/groups,group.create,create.name|name=rg1,step.review", "create.submit", "az group create -n rg1 -l eastus"},
		{"/identities,identity.create,create.group.myResourceGroup,create.name|name=id1,step.review", "create.submit", "az identity create -g myResourceGroup -n id1 -l eastus"},
		{"/identities,identity.otherIdentity", "identity.delete", "az identity delete -g myResourceGroup -n otherIdentity"},
		{"/groups,group.myResourceGroup,menu.tags,tags.add|name=a|value=b", "tags.apply", "az tag update --resource-id /subscriptions/"},
		{"/groups,group.myResourceGroup,menu.access", "access.add", "az role assignment create --assignee "},
		{"/directory/groups,team.Developers,menu.members", "members.remove.Dana Young", "az ad group member remove -g "},
		{"/directory/groups,team.Developers,menu.members,members.add,pick.myVM", "members.select", "az ad group member add -g "},
	} {
		b := walk(t, l, strings.Split(c.steps, ",")...)
		commands := b.Commands
		if b.Panel != nil {
			commands = append(commands, b.Panel.Commands...)
		}
		for _, s := range b.Sections {
			if s.Table != nil {
				for _, r := range s.Table.Rows {
					commands = append(commands, r.Commands...)
				}
			}
		}
		found := false
		for _, x := range commands {
			if x.Target == c.target {
				found = true
				if e := x.Equivalents; e == nil || !strings.HasPrefix(e.CLI, c.cli) || e.PowerShell == "" || !strings.HasPrefix(e.REST, "curl ") {
					t.Errorf("%s: %+v", c.target, x.Equivalents)
				}
			}
		}
		if !found {
			t.Errorf("%s is not among %s", c.target, fmt.Sprint(commands))
		}
	}
}

func TestAFormOutlivesASnapshot(t *testing.T) {
	l := newLab(t, "a")
	walk(t, l, "/groups", "group.create", "create.next|name=rg9", "create.next|tagName=a")
	fork, err := l.Fork()
	if err != nil {
		t.Fatal(err)
	}
	if b := walk(t, fork, "create.submit"); !strings.Contains(blade.Text(b), "(done) Created resource group 'rg9'") {
		t.Errorf("%s", blade.Text(b))
	}
	if b := walk(t, l, "/groups"); strings.Contains(blade.Text(b), "rg9") {
		t.Error("the fork's group is in the first lab")
	}
}

func FuzzForms(f *testing.F) {
	for _, path := range []string{"/create/group", "/create/identity", "/create/deployment"} {
		f.Add(path, "name", "x")
		f.Add(path, "template", `{"$schema":"x","contentVersion":"1","resources":[],"parameters":{"a":{"type":"int","minValue":1,"allowedValues":[1,2],"defaultValue":"[x()]"}}} // c`)
	}
	l := newLab(f, "a")
	f.Fuzz(func(t *testing.T, path, name, value string) {
		for _, a := range []blade.Action{{Path: path}, {Target: "create." + name, Values: map[string]string{name: value}}, {Target: "step.basics"}, {Target: "step.review"}} {
			if b, _ := l.Portal().Do(t.Context(), a); b.Title == "" {
				t.Fatalf("%+v leads to a blade without a title", a)
			}
		}
	})
}

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
	machine := []string{vm, "vm.create", "create.group.myResourceGroup", "create.region.westus", "create.size.Standard_B1s|name=web1|key=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKZCV8B94BGjPfNKPYzDoo9g3uoCRUx9VpADtTJu9Myp me", "step.management", "create.identity.on", "step.tags", "step.review|tagName=env|tagValue=lab"}
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
		{"so does a form", []string{"/subscriptions", "subscription.create"}, []string{"skylab: the blade Create a subscription of the Azure portal is real but not simulated here"}, nil},
		{"a machine's form", []string{vm, "vm.create", "step.review"}, []string{"Virtual machine name: (The value must not be empty.)", "SSH public key: (The value must not be empty.)", "Image: Ubuntu Server 22.04 LTS - x64 Gen2"}, []string{"Validation passed", "Password"}},
		{"a machine's names", []string{vm, "vm.create", "create.name|name=-x|user=a b|key=nonsense"}, []string{"! The name can only contain letters, numbers, '.' and '-'", "! The username can only contain", "! The key must be in the one-line form of OpenSSH"}, nil},
		{"a Windows machine has a password", []string{vm, "vm.create", "create.image.windows2022", "create.password|password=short|again=other"}, []string{"! The value must be between 12 and 72 characters long.", "! Password and confirm password must match."}, []string{"SSH public key"}},
		{"a machine is made", append(machine[:len(machine):len(machine)], "create.submit"), []string{"(done) Deployed to resource group 'myResourceGroup'", "Your deployment is complete", "web1 | Microsoft.Compute/virtualMachines"}, nil},
		{"with an identity", append(machine[:len(machine):len(machine)], "create.submit", vm, "vm.web1", "menu.identity"), []string{"Status: on", "Object (principal) ID: "}, nil},
		{"once", append(machine[:len(machine):len(machine)], "create.submit", vm, "vm.create", "create.group.myResourceGroup", "step.review|name=web1|key=ssh-rsa AAAA"), []string{"(error) Validation failed: the resource group has a virtual machine named 'web1' already"}, nil},
		{"a password is not shown", []string{vm, "vm.create", "create.image.windows2022", "create.group.myResourceGroup", "step.review|name=win|user=boss|password=Geheim-12345|again=Geheim-12345"}, []string{"Validation passed", "Password: ********", "Select inbound ports: RDP (3389)"}, []string{"Geheim"}},
		{"a storage account is made", []string{"/storage", "storage.create", "create.group.myResourceGroup", "create.region.westus", "create.sku.Standard_ZRS|name=lab1account", "step.review", "create.submit"}, []string{"(done) Created storage account 'lab1account'", "Replication: Standard_ZRS", "Blob service: https://lab1account.blob.core.windows.net/"}, nil},
		{"its name", []string{"/storage", "storage.create", "create.name|name=Lab-1"}, []string{"! The name must be between 3 and 24 characters long and can only contain lowercase letters and numbers."}, nil},
		{"is everyone's", []string{"/storage", "storage.create", "create.group.myResourceGroup|name=lab1account", "step.review", "create.submit", "/storage", "storage.create", "create.group.myResourceGroup|name=lab1account", "step.review"}, []string{"(error) Validation failed: The storage account named lab1account is already taken."}, nil},
		{"an account is deleted", []string{"/storage", "storage.create", "create.group.myResourceGroup|name=lab1account", "step.review", "create.submit", "storage.delete", "confirm.yes"}, []string{"(done) Deleted storage account 'lab1account'", "There is no storage account yet."}, nil},
		{"a vault is made", []string{"/vaults", "vault.create", "create.group.myResourceGroup|name=lab-vault", "step.access", "step.review", "create.submit"}, []string{"(done) Created key vault 'lab-vault'", "Azure role-based access control: Yes", "Vault URI: https://lab-vault.vault.azure.net"}, nil},
		{"for policies", []string{"/vaults", "vault.create", "create.group.myResourceGroup|name=lab-vault", "step.access", "create.model.policy", "step.review"}, []string{"Permission model: Vault access policy"}, nil},
		{"a vault's fields", []string{"/vaults", "vault.create", "create.days|name=1v|days=3"}, []string{"! The name must be", "! The value must be between 7 and 90."}, nil},
		{"a vault is deleted", []string{"/vaults", "vault.create", "create.group.myResourceGroup|name=lab-vault", "step.review", "create.submit", "vault.delete", "confirm.yes"}, []string{"(done) Deleted key vault 'lab-vault'", "There is no key vault yet."}, nil},
		{"a workflow is trusted", []string{"/identities", "identity.otherIdentity", "menu.federated", "federated.add", "create.submit|organization=contoso|repository=app|value=main|name=main-branch"}, []string{"(done) Created federated credential 'main-branch'", "main-branch | https://token.actions.githubusercontent.com | repo:contoso/app:ref:refs/heads/main"}, nil},
		{"in an environment", []string{"/identities", "identity.otherIdentity", "menu.federated", "federated.add", "create.entity.environment|organization=contoso|repository=app", "create.value|value=prod|name=prod-env"}, []string{"Environment", "Subject identifier: repo:contoso/app:environment:prod"}, nil},
		{"a cluster is trusted", []string{"/identities", "identity.otherIdentity", "menu.federated", "federated.add", "create.scenario.kubernetes", "create.submit|issuer=https://oidc.example/1|namespace=default|account=web|name=cluster"}, []string{"cluster | https://oidc.example/1 | system:serviceaccount:default:web"}, nil},
		{"another issuer", []string{"/identities", "identity.otherIdentity", "menu.federated", "federated.add", "create.scenario.other", "create.submit|issuer=http://x|subject=s|name=ab"}, []string{"(error) It did not work: validation failed", "! The issuer must be an address that begins with https://.", "! The name must have 3 to 120"}, nil},
		{"trust ends", []string{"/identities", "identity.otherIdentity", "menu.federated", "federated.add", "create.submit|organization=contoso|repository=app|value=main|name=main-branch", "federated.remove.main-branch", "confirm.yes"}, []string{"(done) Deleted federated credential 'main-branch'", "No federated credentials have been configured"}, nil},
		{"a form of one step is left", []string{"/identities", "identity.otherIdentity", "menu.federated", "federated.add", "create.cancel"}, []string{"No federated credentials have been configured"}, nil},
		{"a group of people is made", []string{"/directory/groups", "team.create", "create.submit|name=Ops Team|description=on call"}, []string{"(done) Created group 'Ops Team'", "Description: on call"}, nil},
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

// TestFormsSayTheSameToOtherTools fills in forms and runs what they say in the
// Azure CLI and in curl in place of Create: each makes what the form describes.
func TestFormsSayTheSameToOtherTools(t *testing.T) {
	machine := []string{"/vms", "vm.create", "create.group.myResourceGroup", "create.region.westus", "create.size.Standard_B1s|name=web1|key=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKZCV8B94BGjPfNKPYzDoo9g3uoCRUx9VpADtTJu9Myp me", "step.management", "create.identity.on", "step.tags", "step.review|tagName=env|tagValue=lab"}
	for _, c := range []struct {
		steps []string
		ask   string // az's question about what was made
		want  string
	}{
		{machine, "az vm show -g myResourceGroup -n web1 --query '[location,hardwareProfile.vmSize,identity.type,tags.env,osProfile.adminUsername]' -o tsv | paste -sd,", "westus,Standard_B1s,SystemAssigned,lab,azureuser"},
		{[]string{"/identities", "identity.create", "create.group.myResourceGroup", "create.region.westus|name=mine", "step.review"}, "az identity show -g myResourceGroup -n mine --query location -o tsv", "westus"},
		{[]string{"/groups", "group.create", "create.region.westeurope|name=rg9", "step.review"}, "az group show -n rg9 --query location -o tsv", "westeurope"},
		{[]string{"/storage", "storage.create", "create.group.myResourceGroup", "create.sku.Standard_GRS|name=lab1account", "step.review"}, "az storage account show -n lab1account --query '[sku.name,allowBlobPublicAccess]' -o tsv | paste -sd,", "Standard_GRS,false"},
		{[]string{"/vaults", "vault.create", "create.group.myResourceGroup|name=lab-vault|days=30", "step.review"}, "az keyvault show -n lab-vault --query '[properties.enableRbacAuthorization,properties.softDeleteRetentionInDays]' -o tsv | paste -sd,", "true,30"},
		{[]string{"/identities", "identity.otherIdentity", "menu.federated", "federated.add", "create.entity.pull|organization=contoso|repository=app|name=pulls"}, "az identity federated-credential show -g myResourceGroup --identity-name otherIdentity -n pulls --query subject -o tsv", "repo:contoso/app:pull_request"},
		{[]string{"/directory/groups", "team.create", "create.description|name=Ops Team"}, "az ad group show -g 'Ops Team' --query mailNickname -o tsv", "OpsTeam"},
	} {
		l := newLab(t, "a")
		b := walk(t, l, c.steps...)
		e := b.Panel.Commands[len(b.Panel.Commands)-2].Equivalents
		if !strings.Contains(e.PowerShell, "New-Az") {
			t.Errorf("%v: %s", c.steps, e.PowerShell)
		}
		resource := "https://management.azure.com/"
		if strings.Contains(e.REST, "graph.microsoft.com") {
			resource = "https://graph.microsoft.com/"
		}
		for _, command := range []string{e.CLI, "token=$(az account get-access-token --resource " + resource + " --query accessToken -o tsv); " + e.REST} {
			fresh := newLab(t, "a") // with the same ids
			out := script(t, fresh, CloudShell, command+"; sleep 600; echo; "+c.ask)
			if lines := strings.Split(strings.TrimSpace(out), "\n"); lines[len(lines)-1] != c.want {
				t.Errorf("%s\n%s\nwant %s", command, out, c.want)
			}
		}
	}
}

// TestPasswordsInFormsAreNotKept types passwords into forms: no snapshot has
// them, neither before Create nor while the deployment runs nor after it, and the
// form can be sent all the same.
func TestPasswordsInFormsAreNotKept(t *testing.T) {
	l := newLab(t, "a")
	kept := func() string {
		data, err := l.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	walk(t, l, "/vms", "vm.create", "create.image.windows2022", "create.group.myResourceGroup", "step.review|name=win|user=boss|password=Geheim-12345|again=Geheim-12345")
	if s := kept(); strings.Contains(s, "Geheim") || !strings.Contains(s, `"user":"boss"`) {
		t.Errorf("the form: %s", s)
	}
	if b := walk(t, l, "create.submit"); !strings.Contains(blade.Text(b), "Your deployment is complete") {
		t.Errorf("%s", blade.Text(b))
	}
	if strings.Contains(kept(), "Geheim") {
		t.Error("the deployment keeps the password")
	}
}

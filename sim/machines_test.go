package sim

import (
	"strings"
	"testing"

	"skylab/sim/kit/full"
	"skylab/sim/machine/portal/blade"
)

// adminToken is a token of the administrator, as the portal's requests have it.
func adminToken(t *testing.T, l *Lab) string {
	t.Helper()
	if _, err := l.Portal().Do(t.Context(), blade.Action{Path: "/groups"}); err != nil {
		t.Fatal(err)
	}
	for _, e := range l.Exchanges().State().Exchanges {
		for _, f := range e.Request.Fields {
			if f.Name == "Authorization" && strings.HasPrefix(e.Request.URL, "https://management.azure.com/") {
				return strings.TrimPrefix(f.Value, "Bearer ")
			}
		}
	}
	t.Fatal("the portal sent no token")
	return ""
}

func TestAMachineComesAndGoesWithItsVM(t *testing.T) {
	l := newLab(t, "a")
	sub := ""
	for id := range l.cloud.ARM.State().Subscriptions {
		sub = id
	}
	const rest = `arm=https://management.azure.com/subscriptions/$S/resourceGroups/myResourceGroup/providers
send() { curl -s -o /dev/null -w '%{http_code}\n' -H "Authorization: Bearer $T" -X "$1" "$arm/$2" -d "$3"; }
`
	start := "S=" + sub + " T=" + adminToken(t, l) + "\n" + rest
	const create = `send PUT 'Microsoft.Network/publicIPAddresses/ip2?api-version=2023-09-01' '{"location":"westus","properties":{"dnsSettings":{"domainNameLabel":"second"}}}'
send PUT 'Microsoft.Network/networkInterfaces/nic2?api-version=2023-09-01' "{\"location\":\"westus\",\"properties\":{\"ipConfigurations\":[{\"name\":\"c\",\"properties\":{\"subnet\":{\"id\":\"${arm#https://management.azure.com}/Microsoft.Network/virtualNetworks/myVM-vnet/subnets/default\"},\"publicIPAddress\":{\"id\":\"${arm#https://management.azure.com}/Microsoft.Network/publicIPAddresses/ip2\"}}}]}}"
send PUT 'Microsoft.Compute/virtualMachines/vm2?api-version=2024-07-01' "{\"location\":\"westus\",\"properties\":{\"hardwareProfile\":{\"vmSize\":\"Standard_B1s\"},\"storageProfile\":{\"imageReference\":{\"publisher\":\"Debian\",\"offer\":\"debian-12\",\"sku\":\"12-gen2\",\"version\":\"latest\"},\"osDisk\":{\"createOption\":\"FromImage\"}},\"osProfile\":{\"adminUsername\":\"me\",\"linuxConfiguration\":{\"disablePasswordAuthentication\":true,\"ssh\":{\"publicKeys\":[{\"path\":\"/home/me/.ssh/authorized_keys\",\"keyData\":\"$(cat ~/.ssh/id_ed25519.pub)\"}]}}},\"networkProfile\":{\"networkInterfaces\":[{\"id\":\"${arm#https://management.azure.com}/Microsoft.Network/networkInterfaces/nic2\"}]}}}"
`
	const enter = "ssh -q -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5 me@second.westus.cloudapp.azure.com "
	run := func(text string) string {
		t.Helper()
		out, _ := typed(t, l, Laptop, text, "")
		return out
	}
	if got := run(start + create + enter + "hostname; sleep 60; " + enter + "'hostname; touch kept'"); got != "201\n201\n201\nssh: connect to host second.westus.cloudapp.azure.com port 22: Connection timed out\nvm2\n" {
		t.Fatalf("made and entered in one command: %q", got)
	}
	reload := func() {
		t.Helper()
		data, err := l.Snapshot()
		if err == nil {
			undo, redo := l.undo, l.redo
			l, err = Load(data, full.Kit())
			if err == nil {
				l.undo, l.redo = undo, redo
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	reload()
	if names := strings.Join(l.MachineNames(), " "); names != "myVM vm2 cloudshell laptop" {
		t.Errorf("machines %s", names)
	}
	if got := run(enter + "'hostname; ls'"); got != "vm2\nkept\n" {
		t.Errorf("after a reload: %q", got)
	}
	if _, err := l.At("vm2"); err != nil {
		t.Error(err)
	}
	if got := run(start + "send DELETE 'Microsoft.Compute/virtualMachines/vm2?api-version=2024-07-01'; sleep 60; " + enter + "hostname; echo $?"); !strings.HasPrefix(got, "202\n") || !strings.HasSuffix(got, "255\n") {
		t.Errorf("deleted: %q", got)
	}
	reload()
	if v := l.View().Machines["vm2"]; v.Power != "deleted" {
		t.Errorf("the view says %+v", v)
	}
	if _, ok := l.Console("vm2"); !ok {
		t.Error("its console went with it")
	}
	if what, err := l.Undo(); err != nil || what == "" {
		t.Fatalf("undo: %q %v", what, err)
	}
	if got := run(enter + "'hostname; ls'"); got != "vm2\nkept\n" {
		t.Errorf("undone: %q", got)
	}
	if got := run(start + "send DELETE 'Microsoft.Compute/virtualMachines/vm2?api-version=2024-07-01'; sleep 60; " + create + "sleep 60; " + enter + "'hostname; ls'"); got != "202\n200\n200\n201\nvm2\n" {
		t.Errorf("made anew, it is a new machine: %q", got)
	}
	if got := run(enter + "'hostname; ls'"); got != "vm2\n" {
		t.Errorf("and stays one: %q", got)
	}
}

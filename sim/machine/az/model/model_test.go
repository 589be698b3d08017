package model

import (
	"strings"
	"testing"

	"skylab/sim/ojson"
)

const vm = `{"id":"/x","name":"myVM","etag":"1","location":"westus","tags":{"env":"dev"},"identity":{"type":"SystemAssigned","principalId":"p","userAssignedIdentities":{"/i":{"clientId":"c"}}},
"properties":{"hardwareProfile":{"vmSize":"S"},"timeCreated":"2019-03-26T10:00:00.1234567Z","provisioningState":"Succeeded","networkProfile":{"networkInterfaces":[{"id":"/n","properties":{"primary":true}}]},"unknown":1}}`

func instance(t testing.TB) *Instance {
	t.Helper()
	v, err := ojson.Decode([]byte(vm))
	if err != nil {
		t.Fatal(err)
	}
	s, ok := Find("compute.VirtualMachine")
	if !ok {
		t.Fatal("no shape")
	}
	return &Instance{Value: s.View(v), Shape: s}
}

func TestView(t *testing.T) {
	v := instance(t).Value.(*ojson.Object)
	for path, want := range map[string]string{"hardwareProfile.vmSize": "S", "timeCreated": "2019-03-26T10:00:00.123456+00:00", "etag": "1", "provisioningState": "Succeeded"} {
		if got := v.Str(strings.Split(path, ".")...); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for _, null := range []string{"additionalCapabilities", "zones", "plan"} {
		if x, ok := v.Get(null); !ok || x != nil {
			t.Errorf("%s: %v %v", null, x, ok)
		}
	}
	if _, ok := v.Get("unknown"); ok {
		t.Error("an unknown property is shown")
	}
	if n := v.At("networkProfile", "networkInterfaces").([]any)[0].(*ojson.Object); n.At("primary") != true {
		t.Errorf("nic %v", n)
	}
}

// TestUpdate is the table of --set, --add and --remove: what is sent, and what
// is said, as azure-cli 2.45.0 does and says.
func TestUpdate(t *testing.T) {
	for _, c := range []struct{ do, path, want string }{
		{"set tags.x=1", "tags", `{"env":"dev","x":"1"}`},
		{"set tags.x=true", "tags.x", `"True"`},
		{"set tags.a.b=1", "tags.a", "! Couldn't find 'a' in 'tags'. Available options: ['env']"},
		{`set tags={"k":"v"}`, "tags", `{"k":"v"}`},
		{`set tags={'k':'v'}`, "tags", `{"k":"v"}`},
		{"set identity.type=none", "identity.type", `"none"`},
		{"set identity.userAssignedIdentities=null", "identity.userAssignedIdentities", "absent"},
		{"set hardwareProfile.vmSize=5", "properties.hardwareProfile.vmSize", `"5"`},
		{"set osProfile.computerName=c", "properties.osProfile", `{"computerName":"c"}`},
		{"set plan.name=p", "plan", `{"name":"p"}`},
		{"set nope=1", "nope", "1 # Property 'nope' not found on root. Send it as an additional property ."},
		{"set nope.deep.x=1", "", "! Couldn't find 'nope' in 'nope'. Available options: ['additionalCapabilities', 'additionalProperties', 'applicationProfile'"},
		{"set networkProfile.networkInterfaces[0].primary=false", "properties.networkProfile.networkInterfaces", `[{"id":"/n","properties":{"primary":false}}]`},
		{"set networkProfile.networkInterfaces[id=/n].primary=false", "properties.networkProfile.networkInterfaces", `[{"id":"/n","properties":{"primary":false}}]`},
		{"set networkProfile.networkInterfaces[3].primary=false", "", "! index 3 doesn't exist on networkInterfaces"},
		{"set networkProfile.networkInterfaces[id=x].primary=false", "", "! item with value 'x' doesn't exist for key 'id' on networkInterfaces"},
		{"set provisioningState=x", "properties.provisioningState", "absent"},
		{"set =1", "", "! usage error: Empty key in --set. Correct syntax: --set KEY=VALUE [KEY=VALUE ...]"},
		{"remove tags.env", "tags", `{}`},
		{"remove tags", "tags", "absent"},
		{"remove tags.nope", "", "! Couldn't find 'nope' in 'tags'. Available options: ['env']"},
		{"remove networkProfile.networkInterfaces 0", "properties.networkProfile.networkInterfaces", `[]`},
		{"remove networkProfile.networkInterfaces 5", "", "! index 5 doesn't exist on networkInterfaces"},
		{"remove networkProfile.networkInterfaces", "properties.networkProfile.networkInterfaces", `[]`},
		{"add zones 1", "zones", `[1]`},
		{"add networkProfile.networkInterfaces id=/m", "properties.networkProfile.networkInterfaces", `[{"id":"/n","properties":{"primary":true}},{"id":"/m"}]`},
		{"add tags x", "", "! invalid syntax: --add property.listProperty <key=value, string or JSON string>"},
	} {
		x := instance(t)
		warned := ""
		x.Warn = func(s string) { warned = " # " + s }
		verb, rest, _ := strings.Cut(c.do, " ")
		var err error
		switch verb {
		case "set":
			err = x.Set(rest, false)
		case "add":
			err = x.Add(strings.Fields(rest), false)
		default:
			err = x.Remove(strings.Fields(rest))
		}
		got := "absent"
		if err != nil {
			got = "! " + err.Error()
		} else {
			b := x.Shape.Body(x.Value).(*ojson.Object)
			if v := b.At(strings.Split(c.path, ".")...); v != nil {
				data, _ := ojson.Marshal(v)
				got = string(data) + warned
			}
		}
		if strings.HasPrefix(c.want, "!") && strings.HasPrefix(got, c.want) {
			continue
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.do, got, c.want)
		}
	}
	x := instance(t)
	if err := x.Set("tags.n=1", true); err != nil || x.Value.(*ojson.Object).Str("tags", "n") != "1" {
		t.Errorf("--force-string: %v %v", x.Value, err)
	}
}

func FuzzUpdate(f *testing.F) {
	f.Add("a.b[0]=1", "tags x=1 y", "zones 0")
	f.Fuzz(func(t *testing.T, set, add, remove string) {
		x := instance(t)
		_ = x.Set(set, false)
		_ = x.Add(strings.Split(add, " "), false)
		_ = x.Remove(strings.Split(remove, " "))
		_ = x.Shape.Body(x.Value)
	})
}

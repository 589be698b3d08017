// Package cloud is a simulated Azure put together: one tenant with Entra,
// Microsoft Graph, Resource Manager and the metadata service, on one network. It must not know
// the machines that call it.
package cloud

import (
	"fmt"
	"net/http"
	"slices"

	"skylab/sim/clock"
	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/authorization"
	"skylab/sim/cloud/compute"
	"skylab/sim/cloud/entra"
	"skylab/sim/cloud/graph"
	"skylab/sim/cloud/identity"
	"skylab/sim/cloud/imds"
	"skylab/sim/cloud/msi"
	"skylab/sim/cloud/rbac"
	"skylab/sim/cloud/storage"
	"skylab/sim/cloud/vault"
	"skylab/sim/cloud/vnet"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
)

// Options make a cloud.
type Options struct {
	Clock   *clock.Clock
	IDs     *ids.Source
	Network *network.Network
	// NeverThrottle keeps services from refusing for their rates.
	NeverThrottle bool
	// Types are served beside those that every cloud has. To what asks for one
	// without Serve, Absent is told its name.
	Types  []*arm.Type
	Absent func(name string)
}

// types are those of the options, each served.
func (o Options) types() []*arm.Type {
	var list []*arm.Type
	for _, t := range o.Types {
		if t.Serve == nil {
			named := *t
			named.Serve = func(*arm.ARM, *arm.Request) error {
				o.Absent(t.Name)
				return &arm.Error{Status: http.StatusServiceUnavailable, Code: "ServiceUnavailable", Message: "The service is not there yet."}
			}
			t = &named
		}
		list = append(list, t)
	}
	return list
}

// CloudShell is the machine on which the administrator's Cloud Shell runs.
const CloudShell = "cloudshell"

// Cloud is one tenant's Azure.
type Cloud struct {
	Entra  *entra.Entra
	Access *rbac.Access
	ARM    *arm.ARM
	IMDS   *imds.IMDS
}

// State is a cloud as a snapshot keeps it.
type State struct {
	Entra  entra.State `json:"entra"`
	Access rbac.State  `json:"access"`
	ARM    arm.State   `json:"arm"`
	IMDS   imds.State  `json:"imds"`
}

// New returns an empty tenant's cloud, attached to the network.
func New(o Options) (*Cloud, error) {
	e, err := entra.New(entra.Options{Clock: o.Clock, IDs: o.IDs, Transport: o.Network.Card(exchange.Caller{Machine: "Entra", Address: "20.190.151.7"})})
	if err != nil {
		return nil, fmt.Errorf("make the tenant: %w", err)
	}
	fabric, err := entra.FabricKey()
	if err != nil {
		return nil, fmt.Errorf("make the platform: %w", err)
	}
	c := &Cloud{Entra: e, Access: rbac.New(o.Clock, e)}
	c.ARM = arm.New(arm.Options{Clock: o.Clock, IDs: o.IDs, Verifier: e, Directory: e, Access: c.Access})
	for _, types := range [][]*arm.Type{authorization.Types(), msi.Types(), vnet.Types(), compute.Types(), storage.Types(), vault.Types(), o.types()} {
		c.ARM.Register(types...)
	}
	platform := o.Network.Card(exchange.Caller{Machine: "metadata service", Address: "168.63.129.16"})
	c.IMDS = imds.New(imds.Options{Clock: o.Clock, IDs: o.IDs, Source: c.VMs(), NeverThrottle: o.NeverThrottle,
		Issuer: imds.EntraIssuer{Transport: platform, Key: fabric, Clock: o.Clock, IDs: o.IDs}})
	people := graph.New(graph.Options{Clock: o.Clock, IDs: o.IDs, Directory: e})
	for _, h := range slices.Concat(e.Hosts(), []network.Host{c.ARM.Host(), c.IMDS.Host(), people.Host(), e.ShellHost(CloudShell, c.Admin)}, c.dataHosts()) {
		o.Network.Attach(h)
	}
	return c, nil
}

// VMs reads the cloud's virtual machines.
func (c *Cloud) VMs() compute.VMs { return compute.VMs{ARM: c.ARM} }

// Admin is the user principal name of the administrator that Build made; "" in
// an empty tenant.
func (c *Cloud) Admin() string { return c.Owner().UPN }

// Owner is the administrator that Build made, who owns the subscription.
func (c *Cloud) Owner() entra.Principal {
	s := c.Entra.State()
	for _, p := range s.Principals {
		if p.UPN == "admin@"+s.Domain {
			return p
		}
	}
	return entra.Principal{}
}

// State returns the cloud as plain data.
func (c *Cloud) State() State {
	return State{c.Entra.State(), c.Access.State(), c.ARM.State(), c.IMDS.State()}
}

// JSON returns [Cloud.State] as JSON. What did not change since the last time is
// not written anew.
func (c *Cloud) JSON() ([]byte, error) {
	var out []byte
	for i, part := range []struct {
		name string
		json func() ([]byte, error)
	}{{"entra", c.Entra.JSON}, {"access", c.Access.JSON}, {"arm", c.ARM.JSON}, {"imds", c.IMDS.JSON}} {
		text, err := part.json()
		if err != nil {
			return nil, fmt.Errorf("write the state of %s: %w", part.name, err)
		}
		out = fmt.Appendf(out, "%c%q:%s", "{,"[min(i, 1)], part.name, text)
	}
	return append(out, '}'), nil
}

// Restore sets the cloud to a saved state.
func (c *Cloud) Restore(s State) {
	c.Entra.Restore(s.Entra)
	c.Access.Restore(s.Access)
	c.ARM.Restore(s.ARM)
	c.IMDS.Restore(s.IMDS)
}

var _ identity.Directory = (*entra.Entra)(nil)

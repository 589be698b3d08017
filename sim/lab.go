// Package sim is a lab: one learner's cloud, machines and network put together,
// on one clock and one seed. The same seed, instant and commands give the same
// bytes. The package must not know lessons or pages.
package sim

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/kit"
	"skylab/sim/machine"
	"skylab/sim/machine/az"
	"skylab/sim/machine/portal"
	"skylab/sim/machine/shell"
	"skylab/sim/network"
	"skylab/sim/sorting"
	"skylab/sim/view"
)

// Options make a lab.
type Options struct {
	Scenario string    // a name of [Scenarios]; "" means linux-vm
	Seed     string    // "" is a seed like any other
	At       time.Time // the instant at which the lab begins
	Kit      kit.Kit   // what it can do beyond the floor
}

// DefaultScenario is where a lab starts that names no other.
const DefaultScenario = "linux-vm"

// ErrNoScenario is returned for a scenario that does not exist.
var ErrNoScenario = errors.New("no such scenario")

// Lab is one learner's world. Its methods are called one at a time.
type Lab struct {
	scenario cloud.Scenario
	clock    *clock.Clock
	ids      *ids.Source
	ring     *exchange.Ring
	network  *network.Network
	cloud    *cloud.Cloud
	machines map[string]*machine.Machine
	vms      map[string]string // by a machine's name: the VM that it is, by vmId
	births   *births
	// provisioned is the edition of Resource Manager whose VMs have their machines.
	provisioned uint64
	size        int        // of the last snapshot, in bytes
	consoles    []*Console // in the order in which they were opened
	portal      *portal.Portal
	log         commandLog
	undo        []step
	redo        []step
	kit         kit.Kit
	absent      *absent
	decoded     map[*exchange.Recorded]view.Exchange // made from the record, not kept
	// Extra is what the layers above keep with a lab: plain data, by their names.
	Extra map[string]json.RawMessage
}

// Machines that every lab has beside those of its scenario.
const (
	Laptop     = "laptop"
	CloudShell = cloud.CloudShell
)

// New makes a lab. Its error is [ErrWider] if the scenario's machines need more
// than the kit has.
func New(ctx context.Context, o Options) (*Lab, error) {
	if o.Scenario == "" {
		o.Scenario = DefaultScenario
	}
	l, err := empty(o)
	if err != nil {
		return nil, err
	}
	if err := l.cloud.Build(ctx, l.scenario, adminKey(l.ids).Public().String()); err != nil {
		return nil, fmt.Errorf("make the lab: %w", err)
	}
	if err := l.settle(); err != nil {
		return nil, err
	}
	return l, l.signIn()
}

// signIn signs the subscription's owner in on Cloud Shell.
func (l *Lab) signIn() error {
	m, admin := l.machines[CloudShell], l.cloud.Owner()
	var subscriptions []az.Subscription
	for _, s := range l.cloud.ARM.State().Subscriptions {
		subscriptions = append(subscriptions, az.Subscription{ID: s.ID, Name: s.Name})
	}
	sorting.By(subscriptions, func(a, b az.Subscription) int { return strings.Compare(a.Name, b.Name) })
	s := az.Session{Username: admin.UPN, Tenant: l.cloud.Entra.TenantID(), Subscriptions: subscriptions, Installation: l.ids.NamedGUID("az.installation", CloudShell)}
	if err := s.Write(m.Files(m.Users[0]), m.Users[0].Home); err != nil {
		return fmt.Errorf("sign in on %s: %w", CloudShell, err)
	}
	return nil
}

func empty(o Options) (*Lab, error) {
	s, ok := cloud.FindScenario(o.Scenario)
	if !ok {
		var names []string
		for _, s := range cloud.Scenarios {
			names = append(names, s.Name)
		}
		return nil, fmt.Errorf("%w: %q; there are %s", ErrNoScenario, o.Scenario, strings.Join(names, ", "))
	}
	l := &Lab{scenario: s, clock: clock.New(o.At), ids: ids.New(o.Seed), ring: exchange.NewRing(exchange.DefaultRing), machines: map[string]*machine.Machine{}, vms: map[string]string{}, births: &births{}, kit: o.Kit, absent: &absent{}}
	l.network = network.New(l.clock, l.ring)
	var err error
	l.cloud, err = cloud.New(cloud.Options{Clock: l.clock, IDs: l.ids, Network: l.network, Types: o.Kit.Types, Absent: l.absent.need})
	return l, err
}

// Portal is the administrator's session of the Azure portal.
func (l *Lab) Portal() *portal.Portal { return l.portal }

// MachineNames returns the lab's machines, the scenario's own first.
func (l *Lab) MachineNames() []string {
	var names []string
	for n := range l.machines {
		if n != Laptop && n != CloudShell {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return append(names, CloudShell, Laptop)
}

// DefaultMachine is the scenario's VM, or Cloud Shell where it has none.
func (l *Lab) DefaultMachine() string {
	if l.scenario.VM == "" {
		return CloudShell
	}
	return l.scenario.VM
}

// Clock is the lab's clock.
func (l *Lab) Clock() *clock.Clock { return l.clock }

// Exchanges is the record of what went over the lab's network.
func (l *Lab) Exchanges() *exchange.Ring { return l.ring }

// Script runs a text on a machine as bash -c does, in a shell of its own that
// ends with it; the machine's files and the cloud stay as it left them.
func (l *Lab) Script(ctx context.Context, machineName, text string, s shell.Streams) (int, error) {
	return l.ScriptIn(ctx, machineName, "", text, s)
}

// ScriptIn is Script with a shell named; "" is the machine's own.
func (l *Lab) ScriptIn(ctx context.Context, machineName, shellName, text string, s shell.Streams) (int, error) {
	m, ok := l.machines[machineName]
	if !ok {
		return 0, fmt.Errorf("no machine %q in scenario %s; there are %s", machineName, l.scenario.Name, strings.Join(l.MachineNames(), ", "))
	}
	session, err := m.Start(shellName, machine.ShellOptions{User: m.Users[0], Environ: l.environ(machineName)})
	if err != nil {
		return 0, err
	}
	ctx, _, end := l.absent.watch(ctx)
	status := session.Run(ctx, text, s).Status
	if end() {
		return status, ErrWider
	}
	return status, nil
}

// format names a snapshot; formatVersion changes when older readers would
// misunderstand it.
const (
	format        = "skylab-lab"
	formatVersion = 1
)

// snapshot is a lab as JSON.
type snapshot struct {
	small
	Log       []view.Command           `json:"log"`
	Cloud     cloud.State              `json:"cloud"`
	Machines  map[string]machine.State `json:"machines"`
	Exchanges *exchange.RingState      `json:"exchanges"`
	// Extra is data of others.
	Extra map[string]json.RawMessage `json:"extra"`
}

// small is what of a snapshot is written anew each time.
type small struct {
	Format   string            `json:"format"`
	Version  int               `json:"version"`
	Scenario string            `json:"scenario"`
	Clock    clock.State       `json:"clock"`
	IDs      ids.State         `json:"ids"`
	VMs      map[string]string `json:"vms,omitempty"`
	Consoles []consoleState    `json:"consoles"`
	Portal   portal.State      `json:"portal"`
}

// moment is a lab as it was once. Of what makes up most of it, the exchanges, it
// holds those that the lab itself has, so that remembering the lab before each
// command costs little time and room.
type moment struct {
	text   []byte // a snapshot that has dropped its exchanges
	record exchange.Record
}

// Snapshot returns the whole lab as JSON.
func (l *Lab) Snapshot() ([]byte, error) {
	out, err := l.written()
	if err != nil {
		return nil, err
	}
	return closed(out, l.ring.Record())
}

// moment returns the lab as it is now.
func (l *Lab) moment() (m moment, err error) {
	if m.text, err = l.written(); err != nil {
		return m, err
	}
	m.record = l.ring.Record()
	m.text, err = closed(m.text, m.record.Empty())
	return m, err
}

// lab makes the lab that was.
func (m moment) lab(k kit.Kit) (*Lab, error) {
	l, err := Load(m.text, k)
	if err == nil {
		l.ring.SetRecord(m.record)
	}
	return l, err
}

// closed ends a snapshot with its record.
func closed(text []byte, r exchange.Record) ([]byte, error) {
	record, err := r.JSON()
	if err != nil {
		return nil, err
	}
	return append(append(append(text, `,"exchanges":`...), record...), '}'), nil
}

// written is a snapshot up to its record, which closes it.
func (l *Lab) written() ([]byte, error) {
	if err := l.provision(); err != nil {
		return nil, err
	}
	s := small{Format: format, Version: formatVersion, Scenario: l.scenario.Name, Clock: l.clock.State(), IDs: l.ids.State(), VMs: l.vms, Consoles: []consoleState{}, Portal: l.portal.State()}
	for _, c := range l.consoles {
		st, err := c.state()
		if err != nil {
			return nil, err
		}
		s.Consoles = append(s.Consoles, st)
	}
	out, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	out = append(make([]byte, 0, l.size+l.size/8), out[:len(out)-1]...)
	parts := []struct {
		name string
		json func() ([]byte, error)
	}{{"log", l.log.json}, {"cloud", l.cloud.JSON}, {"machines", l.machinesJSON}, {"extra", l.extraJSON}}
	for _, part := range parts {
		text, err := part.json()
		if err != nil {
			return nil, err
		}
		out = append(append(out, `,"`+part.name+`":`...), text...)
	}
	l.size = len(out)
	return out, nil
}

func (l *Lab) machinesJSON() ([]byte, error) {
	texts := map[string]json.RawMessage{}
	for name, m := range l.machines {
		var err error
		if texts[name], err = m.JSON(); err != nil {
			return nil, err
		}
	}
	return joined(texts), nil
}

func (l *Lab) extraJSON() ([]byte, error) { return joined(l.Extra), nil }

// joined is an object of texts that are JSON, which are not looked through again.
func joined(texts map[string]json.RawMessage) []byte {
	out := []byte{'{'}
	for i, name := range slices.Sorted(maps.Keys(texts)) {
		if i > 0 {
			out = append(out, ',')
		}
		key, _ := json.Marshal(name) // a string always can be
		out = append(append(append(out, key...), ':'), texts[name]...)
	}
	return append(out, '}')
}

// ErrSnapshot is returned for a snapshot that cannot be read.
var ErrSnapshot = errors.New("the saved lab cannot be read")

// Load makes the lab that a snapshot holds, with a kit. Its error is [ErrWider]
// if the lab holds what the kit only names.
func Load(data []byte, k kit.Kit) (*Lab, error) {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSnapshot, err)
	}
	switch {
	case s.Format != format:
		return nil, fmt.Errorf("%w: it is not a lab of Skylab", ErrSnapshot)
	case s.Version > formatVersion:
		return nil, fmt.Errorf("%w: it was saved by a newer Skylab (format %d, this one reads up to %d)", ErrSnapshot, s.Version, formatVersion)
	}
	l, err := empty(Options{Scenario: s.Scenario, Seed: s.IDs.Seed, At: s.Clock.Now, Kit: k})
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSnapshot, err)
	}
	if l.holdsAbsent(s) {
		return nil, ErrWider
	}
	l.cloud.Restore(s.Cloud)
	if err := l.settle(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	for name, st := range s.Machines {
		if st.Files == nil || len(st.Users) == 0 || !st.Files.IsDir() {
			return nil, fmt.Errorf("%w: its machine %q is broken", ErrSnapshot, name)
		}
		m := l.machines[name]
		if m == nil { // its VM was deleted
			if m, err = l.newMachine(name, cmp.Or(st.OS, "Linux"), st.Users[0].Name, exchange.Caller{Machine: name, Address: "10.0.0.4"}); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
			}
			l.machines[name] = m
		}
		m.Restore(st)
	}
	for name, id := range s.VMs {
		if l.machines[name] != nil {
			l.vms[name] = id
		}
	}
	l.portal.Restore(s.Portal)
	l.log.restore(s.Log)
	l.Extra = s.Extra
	for _, st := range s.Consoles {
		if err := l.restoreConsole(st); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
		}
	}
	// The clock, the ids and the record last: restoring the rest may use them.
	l.ids.Restore(s.IDs)
	if s.Exchanges != nil {
		l.ring.Restore(*s.Exchanges)
	}
	l.clock.Restore(s.Clock)
	l.provisioned = 0
	return l, nil
}

// Fork returns a copy of the lab that goes its own way.
func (l *Lab) Fork() (*Lab, error) {
	m, err := l.moment()
	if err != nil {
		return nil, err
	}
	return m.lab(l.kit)
}

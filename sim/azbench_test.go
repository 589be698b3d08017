package sim

import (
	"bytes"
	"context"
	"testing"

	"skylab/sim/machine/bash"
	"skylab/sim/machine/shell"
)

// cloudShell is a session on Cloud Shell that takes no steps of undo.
func cloudShell(b *testing.B) *bash.Session {
	b.Helper()
	m := newLab(b, "az").machines[CloudShell]
	s, err := bash.New(bash.Options{Machine: m, User: m.Users[0], Environ: []string{"MSI_ENDPOINT=http://localhost:50342/oauth2/token", "ACC_CLOUD=PROD"}})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkAz is commands of az on Cloud Shell, the lab's clock set aside; in the
// tab each shall take 30 ms at most.
func BenchmarkAz(b *testing.B) {
	for _, text := range []string{
		"az group list", "az vm show -g myResourceGroup -n myVM -o table", "az vm list -d -o yaml", `az vm list --query "[].{name:name,id:identity.principalId}" -o tsv`,
		"az role assignment list --all", "az ad sp list --all", "az vm create --help", "az nope",
	} {
		b.Run(text, func(b *testing.B) {
			s := cloudShell(b)
			for b.Loop() {
				var out bytes.Buffer
				if s.Run(context.Background(), text, shell.Streams{Out: &out, Err: &out}); out.Len() == 0 {
					b.Fatal(text)
				}
			}
		})
	}
}

// BenchmarkAzCompletes is the completion of an az command; in the tab each shall
// take 20 ms at most.
func BenchmarkAzCompletes(b *testing.B) {
	for _, text := range []string{"az vm ", "az vm create --", "az group show -n my"} {
		b.Run(text, func(b *testing.B) {
			s := cloudShell(b)
			for b.Loop() {
				if c := s.Complete(text, len(text)); len(c.Words) == 0 {
					b.Fatal(text)
				}
			}
		})
	}
}

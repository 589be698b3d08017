package sim

import (
	"fmt"
	"strings"

	"skylab/sim/cloud"
	"skylab/sim/cloud/entra"
	"skylab/sim/machine"
)

// environ is what a login on a machine adds to the environment: Cloud Shell
// tells programs where they are, and where tokens of its user are to be had.
func (l *Lab) environ(machineName string) []string {
	if machineName != cloud.CloudShell {
		return nil
	}
	oid := ""
	for _, p := range l.cloud.Entra.Principals("User") {
		if p.UPN == l.cloud.Admin() {
			oid = p.ID
		}
	}
	return []string{
		"ACC_CLOUD=PROD", "ACC_LOCATION=westus", "ACC_OID=" + oid, "ACC_TID=" + l.cloud.Entra.TenantID(), "AZUREPS_HOST_ENVIRONMENT=cloud-shell/1.0", "AZURE_HTTP_USER_AGENT=cloud-shell/1.0",
		"MSI_ENDPOINT=http://localhost:" + entra.ShellPort + "/oauth2/token", "POWERSHELL_DISTRIBUTION_CHANNEL=CloudShell",
	}
}

// prepareOwn lays out a machine of the learner's: with their key, and Cloud Shell
// with its home, which is on the machine's disk and outlives every console.
func (l *Lab) prepareOwn(m *machine.Machine) error {
	if err := l.giveKey(m); err != nil || m.Name != CloudShell {
		return err
	}
	u := m.Users[0]
	v := m.Files(u)
	rc, err := v.ReadFile(u.Home + "/.bashrc")
	if err == nil {
		err = v.WriteFile(u.Home+"/.bashrc", append(rc, "PS1='\\u [ \\w ]\\$ '\n"...), 0o644)
	}
	if err == nil {
		err = v.MkdirAll(u.Home+"/clouddrive", 0o755)
	}
	if err != nil {
		return fmt.Errorf("lay out Cloud Shell: %w", err)
	}
	return nil
}

// Banner is what a console shows before its first prompt; "" is nothing.
func (c *Console) Banner() string {
	if c.home != cloud.CloudShell {
		return ""
	}
	return strings.Join([]string{"Requesting a Cloud Shell.Succeeded.", "Connecting terminal...", "", "Welcome to Azure Cloud Shell", "", `Type "az" to use Azure CLI`, `Type "help" to learn about Cloud Shell`, "", ""}, "\n")
}

package machine

import (
	"strings"

	"skylab/sim/machine/tool"
)

// layOutWindows makes the tree that a fresh Windows Server has, as far as
// learners look.
func (m *Machine) layOutWindows() error {
	r := m.root()
	for _, dir := range []string{
		"/C:/Packages/Plugins", "/C:/PerfLogs", "/C:/Program Files/Common Files", "/C:/Program Files/Internet Explorer", "/C:/Program Files/WindowsPowerShell/Modules", "/C:/Program Files (x86)",
		"/C:/ProgramData", "/C:/Users/Public", "/C:/Windows/System32/WindowsPowerShell/v1.0/Modules", "/C:/Windows/System32/drivers/etc", "/C:/Windows/Temp", "/C:/WindowsAzure/Logs",
	} {
		if err := r.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for name := range m.programs {
		if err := r.WriteFile("/C:/Windows/System32/"+name+".exe", nil, 0o755); err != nil {
			return err
		}
	}
	if err := r.WriteFile("/C:/Windows/System32/drivers/etc/hosts", []byte("# Names that this machine knows by itself, one a line: an address and a name.\r\n"), 0o644); err != nil {
		return err
	}
	for _, u := range m.Users {
		for _, dir := range []string{"3D Objects", "Contacts", "Desktop", "Documents", "Downloads", "Favorites", "Links", "Music", "Pictures", "Saved Games", "Searches", "Videos", "AppData/Local/Temp", "AppData/Roaming"} {
			if err := m.Files(u).MkdirAll(u.Home+"/"+dir, 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}

// WindowsPath writes a path of the file system as Windows does: "/C:/Users" is
// C:\Users.
func WindowsPath(name string) string {
	name = strings.ReplaceAll(strings.TrimPrefix(name, "/"), "/", `\`)
	if len(name) == 2 && name[1] == ':' {
		name += `\`
	}
	return name
}

// windowsEnviron is the environment that a login on Windows gives.
func (m *Machine) windowsEnviron(u tool.User) []string {
	home, host := WindowsPath(u.Home), strings.ToUpper(m.Hostname)
	return []string{
		`ALLUSERSPROFILE=C:\ProgramData`, `APPDATA=` + home + `\AppData\Roaming`, `CommonProgramFiles=C:\Program Files\Common Files`, `CommonProgramFiles(x86)=C:\Program Files (x86)\Common Files`, `CommonProgramW6432=C:\Program Files\Common Files`,
		`COMPUTERNAME=` + host, `ComSpec=C:\Windows\system32\cmd.exe`, `DriverData=C:\Windows\System32\Drivers\DriverData`, `HOMEDRIVE=C:`, `HOMEPATH=` + strings.TrimPrefix(home, "C:"), `LOCALAPPDATA=` + home + `\AppData\Local`, `LOGONSERVER=\\` + host,
		`NUMBER_OF_PROCESSORS=1`, `OS=Windows_NT`, `Path=C:\Windows\system32;C:\Windows;C:\Windows\System32\Wbem;C:\Windows\System32\WindowsPowerShell\v1.0\;C:\Windows\System32\OpenSSH\;` + home + `\AppData\Local\Microsoft\WindowsApps;`,
		`PATHEXT=.COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC;.CPL`, `PROCESSOR_ARCHITECTURE=AMD64`, `ProgramData=C:\ProgramData`, `ProgramFiles=C:\Program Files`, `ProgramFiles(x86)=C:\Program Files (x86)`, `ProgramW6432=C:\Program Files`,
		`PSModulePath=` + home + `\Documents\WindowsPowerShell\Modules;C:\Program Files\WindowsPowerShell\Modules;C:\Windows\system32\WindowsPowerShell\v1.0\Modules`, `PUBLIC=C:\Users\Public`, `SESSIONNAME=RDP-Tcp#0`, `SystemDrive=C:`, `SystemRoot=C:\Windows`,
		`TEMP=` + home + `\AppData\Local\Temp`, `TMP=` + home + `\AppData\Local\Temp`, `USERDOMAIN=` + host, `USERDOMAIN_ROAMINGPROFILE=` + host, `USERNAME=` + u.Name, `USERPROFILE=` + home, `windir=C:\Windows`,
	}
}

// Environ is the environment that a login of a user gets, "NAME=value".
func (m *Machine) Environ(u tool.User) []string {
	if m.OS == Windows {
		return m.windowsEnviron(u)
	}
	return []string{"HOME=" + u.Home, "USER=" + u.Name, "LOGNAME=" + u.Name, "SHELL=" + u.Shell, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "TERM=xterm-256color"}
}

package az

import (
	"strings"

	"skylab/sim/ojson"
)

// image is an alias of an image: az reads the list from GitHub, which no lab
// reaches. Those of 2.45 and those of today stand here together.
type image struct{ alias, os, urn string }

var imageAliases = []image{
	{"CentOS", "Linux", "OpenLogic:CentOS:7.5:latest"},
	{"CentOS85Gen2", "Linux", "OpenLogic:CentOS:8_5-gen2:latest"},
	{"Debian", "Linux", "Debian:debian-10:10:latest"},
	{"Debian11", "Linux", "Debian:debian-11:11-backports-gen2:latest"},
	{"Flatcar", "Linux", "kinvolk:flatcar-container-linux-free:stable:latest"},
	{"FlatcarLinuxFreeGen2", "Linux", "kinvolk:flatcar-container-linux-free:stable-gen2:latest"},
	{"openSUSE-Leap", "Linux", "SUSE:openSUSE-leap-15-4:gen1:latest"},
	{"OpenSuseLeap154Gen2", "Linux", "SUSE:openSUSE-leap-15-4:gen2:latest"},
	{"RHEL", "Linux", "RedHat:RHEL:7-LVM:latest"},
	{"RHELRaw8LVMGen2", "Linux", "RedHat:RHEL:8-lvm-gen2:latest"},
	{"SLES", "Linux", "SUSE:sles-15-sp3:gen1:latest"},
	{"SuseSles15SP5", "Linux", "SUSE:sles-15-sp5:gen2:latest"},
	{"UbuntuLTS", "Linux", "Canonical:UbuntuServer:18.04-LTS:latest"},
	{"Ubuntu2204", "Linux", "Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest"},
	{"Ubuntu2404", "Linux", "Canonical:ubuntu-24_04-lts:server:latest"},
	{"Ubuntu2404Pro", "Linux", "Canonical:ubuntu-24_04-lts:ubuntu-pro:latest"},
	{"Win2022Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2022-datacenter-g2:latest"},
	{"Win2022AzureEditionCore", "Windows", "MicrosoftWindowsServer:WindowsServer:2022-datacenter-azure-edition-core:latest"},
	{"Win2019Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2019-datacenter-gensecond:latest"},
	{"Win2016Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2016-datacenter-gensecond:latest"},
	{"Win2012R2Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2012-R2-Datacenter:latest"},
	{"Win2012Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2012-Datacenter:latest"},
	{"Win2008R2SP1", "Windows", "MicrosoftWindowsServer:WindowsServer:2008-R2-SP1:latest"},
}

// findImage is the image of --image: an alias or PUBLISHER:OFFER:SKU:VERSION.
func findImage(name string) (urn []string, windows bool, err error) {
	for _, i := range imageAliases {
		if strings.EqualFold(i.alias, name) {
			return strings.Split(i.urn, ":"), i.os == "Windows", nil
		}
	}
	urn = strings.Split(name, ":")
	if len(urn) == 4 {
		return urn, strings.Contains(strings.ToLower(urn[0]+urn[1]), "windows"), nil
	}
	if r, ok := parseID(name); ok && r.name != "" {
		return nil, false, notSimulated("az vm create --image RESOURCE_ID")
	}
	var names []string
	for _, i := range imageAliases {
		names = append(names, i.alias)
	}
	return nil, false, failf("Invalid image \"%s\". Use a valid image URN, custom image name, custom image id, VHD blob URI, or pick an image from ['%s'].\nSee vm create -h for more information on specifying an image.", name, strings.Join(names, "', '"))
}

// cmdImageList lists the images that have aliases, as az does without --all.
func cmdImageList(c *call) (any, error) {
	c.warn("You are viewing an offline list of images, use --all to retrieve an up-to-date list")
	out := []any{}
	within := func(value, dest string) bool {
		return strings.Contains(strings.ToLower(value), strings.ToLower(c.str(dest)))
	}
	for _, i := range imageAliases {
		f := strings.Split(i.urn, ":")
		if within(f[0], "publisher_name") && within(f[1], "offer") && within(f[2], "sku") && within("x64", "architecture") {
			out = append(out, ojson.Obj("architecture", "x64", "offer", f[1], "publisher", f[0], "sku", f[2], "urn", i.urn, "urnAlias", i.alias, "version", f[3]))
		}
	}
	return out, nil
}

package compute

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// image is a platform image, with its versions, oldest first.
type image struct {
	publisher, offer, sku, versions string
	os                              string
	gen2                            bool
	sizeGB                          int
	osName, osVersion               string // as the machine's agent tells them
	agent, ready                    string
}

// images are those that az's aliases name, of its release 2.45 and of today's,
// and a few beside them (public lists of images; versions are examples of the
// service's).
var images = imageTable(`
	Canonical UbuntuServer 16.04-LTS 16.04.202109280 Linux 1 30 ubuntu 16.04
	Canonical UbuntuServer 18.04-LTS 18.04.202306070,18.04.202401161 Linux 1 30 ubuntu 18.04
	Canonical UbuntuServer 18_04-lts-gen2 18.04.202306070,18.04.202401161 Linux 2 30 ubuntu 18.04
	Canonical 0001-com-ubuntu-server-focal 20_04-lts 20.04.202410020,20.04.202505200 Linux 1 30 ubuntu 20.04
	Canonical 0001-com-ubuntu-server-focal 20_04-lts-gen2 20.04.202410020,20.04.202505200 Linux 2 30 ubuntu 20.04
	Canonical 0001-com-ubuntu-server-jammy 22_04-lts 22.04.202410020,22.04.202505210 Linux 1 30 ubuntu 22.04
	Canonical 0001-com-ubuntu-server-jammy 22_04-lts-gen2 22.04.202410020,22.04.202505210 Linux 2 30 ubuntu 22.04
	Canonical ubuntu-24_04-lts server 24.04.202410020,24.04.202505210 Linux 2 30 ubuntu 24.04
	Canonical ubuntu-24_04-lts server-gen1 24.04.202410020,24.04.202505210 Linux 1 30 ubuntu 24.04
	Debian debian-10 10 0.20230802.1460,0.20240703.1797 Linux 1 30 debian 10
	Debian debian-10 10-gen2 0.20230802.1460,0.20240703.1797 Linux 2 30 debian 10
	Debian debian-11 11 0.20240104.1616,0.20250428.2096 Linux 1 30 debian 11
	Debian debian-11 11-gen2 0.20240104.1616,0.20250428.2096 Linux 2 30 debian 11
	Debian debian-11 11-backports-gen2 0.20240104.1616,0.20250428.2096 Linux 2 30 debian 11
	Debian debian-12 12 0.20240507.1740,0.20250428.2096 Linux 1 30 debian 12
	Debian debian-12 12-gen2 0.20240507.1740,0.20250428.2096 Linux 2 30 debian 12
	OpenLogic CentOS 7.5 7.5.201808150 Linux 1 30 centos 7.5
	OpenLogic CentOS 8_5-gen2 8.5.2022101401 Linux 2 30 centos 8.5
	RedHat RHEL 7-LVM 7.9.2023062311 Linux 1 64 redhat 7.9
	RedHat RHEL 8-lvm-gen2 8.10.2024101518 Linux 2 64 redhat 8.10
	RedHat RHEL 9-lvm-gen2 9.4.2024101515 Linux 2 64 redhat 9.4
	SUSE opensuse-leap-15-3 gen2 2022.11.04 Linux 2 30 opensuse-leap 15.3
	SUSE openSUSE-leap-15-4 gen2 2024.01.10 Linux 2 30 opensuse-leap 15.4
	SUSE sles-15-sp3 gen2 2023.08.08 Linux 2 30 sles 15.3
	SUSE sles-15-sp5 gen2 2024.09.20 Linux 2 30 sles 15.5
	kinvolk flatcar-container-linux-free stable 3975.2.2 Linux 1 30 flatcar 3975.2.2
	kinvolk flatcar-container-linux-free stable-gen2 3975.2.2 Linux 2 30 flatcar 3975.2.2
	MicrosoftCBLMariner cbl-mariner cbl-mariner-2-gen2 2.20240425.01 Linux 2 30 mariner 2.0
	MicrosoftCBLMariner azure-linux-3 azure-linux-3-gen2 3.20250206.01 Linux 2 30 azurelinux 3.0
	MicrosoftWindowsServer WindowsServer 2008-R2-SP1 7601.24544.2001011702 Windows 1 127 Windows_Server_2008_R2_Datacenter 6.1.7601
	MicrosoftWindowsServer WindowsServer 2012-Datacenter 9200.24457.230910 Windows 1 127 Windows_Server_2012_Datacenter 6.2.9200
	MicrosoftWindowsServer WindowsServer 2012-R2-Datacenter 9600.21620.231008 Windows 1 127 Windows_Server_2012_R2_Datacenter 6.3.9600
	MicrosoftWindowsServer WindowsServer 2016-Datacenter 14393.6709.240206,14393.8066.250509 Windows 1 127 Windows_Server_2016_Datacenter 10.0.14393.8066
	MicrosoftWindowsServer WindowsServer 2016-datacenter-gensecond 14393.6709.240206,14393.8066.250509 Windows 2 127 Windows_Server_2016_Datacenter 10.0.14393.8066
	MicrosoftWindowsServer WindowsServer 2019-Datacenter 17763.5458.240206,17763.7314.250509 Windows 1 127 Windows_Server_2019_Datacenter 10.0.17763.7314
	MicrosoftWindowsServer WindowsServer 2019-datacenter-gensecond 17763.5458.240206,17763.7314.250509 Windows 2 127 Windows_Server_2019_Datacenter 10.0.17763.7314
	MicrosoftWindowsServer WindowsServer 2022-Datacenter 20348.2322.240206,20348.3692.250509 Windows 1 127 Windows_Server_2022_Datacenter 10.0.20348.3692
	MicrosoftWindowsServer WindowsServer 2022-datacenter-g2 20348.2322.240206,20348.3692.250509 Windows 2 127 Windows_Server_2022_Datacenter 10.0.20348.3692
	MicrosoftWindowsServer WindowsServer 2022-datacenter-azure-edition 20348.2322.240206,20348.3692.250509 Windows 2 127 Windows_Server_2022_Datacenter_Azure_Edition 10.0.20348.3692
	MicrosoftWindowsServer WindowsServer 2022-datacenter-azure-edition-core 20348.2322.240206,20348.3692.250509 Windows 2 127 Windows_Server_2022_Datacenter_Azure_Edition 10.0.20348.3692
	MicrosoftWindowsServer WindowsServer 2025-datacenter-g2 26100.2894.250113,26100.4061.250510 Windows 2 127 Windows_Server_2025_Datacenter 10.0.26100.4061
	MicrosoftWindowsDesktop Windows-10 win10-22h2-pro-g2 19045.5854.250509 Windows 2 127 Windows_10_Pro 10.0.19045.5854
	MicrosoftWindowsDesktop windows-11 win11-23h2-pro 22631.5335.250509 Windows 2 127 Windows_11_Pro 10.0.22631.5335`)

// imageTable reads the table above: of each line publisher, offer, SKU, versions,
// system, generation, size in GB, the system's name and its version.
func imageTable(text string) []image {
	var out []image
	for line := range strings.Lines(strings.TrimSpace(text)) {
		f := strings.Fields(line)
		gb, _ := strconv.Atoi(f[6])
		i := image{f[0], f[1], f[2], f[3], f[4], f[5] == "2", gb, strings.ReplaceAll(f[7], "_", " "), f[8], "2.12.0.2", "Guest Agent is running"}
		if i.os == "Windows" {
			i.agent, i.ready = "2.7.41491.1131", "GuestAgent is running and processing the extensions."
		}
		out = append(out, i)
	}
	return out
}

// publishers are further real ones, whose images are in no table.
var publishers = strings.Fields("MicrosoftSQLServer MicrosoftSharePoint MicrosoftVisualStudio MicrosoftBizTalkServer MicrosoftAzureSiteRecovery MicrosoftDynamicsAX Oracle credativ CoreOS cognosys bitnami almalinux erockyenterprisesoftwarefoundationinc1653071250513 resf center-for-internet-security-inc nvidia microsoft-dsvm microsoft-aks microsoft-ads Esri f5-networks fortinet paloaltonetworks cisco barracudanetworks checkpoint citrix kali-linux")

func knownPublisher(name string) bool {
	same := func(s string) bool { return strings.EqualFold(s, name) }
	return slices.ContainsFunc(publishers, same) || slices.ContainsFunc(images, func(i image) bool { return same(i.publisher) })
}

func findImage(publisher, offer, sku string) (image, bool) {
	for _, i := range images {
		if strings.EqualFold(i.publisher, publisher) && strings.EqualFold(i.offer, offer) && strings.EqualFold(i.sku, sku) {
			return i, true
		}
	}
	return image{}, false
}

// imageOf is the image that a machine was made from; one in no table is a plain
// one of its system.
func imageOf(r arm.Resource) image {
	ref := r.Properties.Obj("storageProfile", "imageReference")
	if i, ok := findImage(ref.Str("publisher"), ref.Str("offer"), ref.Str("sku")); ok {
		return i
	}
	if osType(r) == "Windows" {
		return image{os: "Windows", sizeGB: 127, osName: "Windows", osVersion: "10.0", agent: "2.7.41491.1131", ready: "GuestAgent is running and processing the extensions."}
	}
	return image{os: "Linux", sizeGB: 30, osName: "linux", agent: "2.12.0.2", ready: "Guest Agent is running"}
}

func (i image) generation() string {
	if i.gen2 {
		return "V2"
	}
	return "V1"
}

func (i image) gb() int { return i.sizeGB }

// version finds a version, or with "latest" the newest.
func (i image) version(want string) (string, bool) {
	all := strings.Split(i.versions, ",")
	if strings.EqualFold(want, "latest") {
		return all[len(all)-1], true
	}
	return want, slices.Contains(all, want)
}

func imageID(subscription, location string, names ...string) string {
	id := "/Subscriptions/" + subscription + "/Providers/" + namespace + "/Locations/" + location
	kinds := []string{"Publishers", "ArtifactTypes/VMImage/Offers", "Skus", "Versions"}
	for i, n := range names {
		id += "/" + kinds[i] + "/" + n
	}
	return id
}

// level is a step of the way to an image: its path as a type, and which name of
// an image it lists.
type level struct {
	path, action string
	part         func(image) string
}

var levels = []level{
	{"locations/publishers", "publishers/read", func(i image) string { return i.publisher }},
	{"locations/publishers/artifacttypes/offers", "publishers/artifacttypes/offers/read", func(i image) string { return i.offer }},
	{"locations/publishers/artifacttypes/offers/skus", "publishers/artifacttypes/offers/skus/read", func(i image) string { return i.sku }},
	{"locations/publishers/artifacttypes/offers/skus/versions", "publishers/artifacttypes/offers/skus/versions/read", func(i image) string { return i.versions }},
}

// serveImages lists the names of a level as a bare array, and shows one version.
func serveImages(l level) func(*arm.ARM, *arm.Request) error {
	return func(a *arm.ARM, x *arm.Request) error {
		if err := only(a, x, http.MethodGet, namespace+"/locations/"+l.action); err != nil {
			return err
		}
		at, err := place(x)
		if err != nil {
			return err
		}
		path := slices.Clone(x.Parents[1:])
		if len(path) > 1 { // the artifact's type
			if !strings.EqualFold(path[1], "vmimage") {
				return arm.NotSimulated(namespace + "/locations/publishers/artifacttypes/" + path[1])
			}
			path = slices.Delete(path, 1, 2)
		}
		found := images
		for i, name := range path {
			found = slices.DeleteFunc(slices.Clone(found), func(m image) bool { return !strings.EqualFold(levels[i].part(m), name) })
		}
		if len(path) > 0 && len(found) == 0 {
			if len(path) == 1 && knownPublisher(path[0]) {
				return arm.NotSimulated("the catalogue of the publisher " + path[0])
			}
			return fail(http.StatusNotFound, "NotFound", "Artifact: VMImage was not found.")
		}
		var names []string
		for _, m := range found {
			for _, n := range strings.Split(l.part(m), ",") {
				if !slices.Contains(names, n) {
					names = append(names, n)
				}
			}
		}
		body := func(n string) *ojson.Object {
			return ojson.Obj("location", at, "name", n, "id", imageID(subscription(x.Scope), at, append(slices.Clone(path), n)...))
		}
		if x.Name != "" {
			i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, x.Name) })
			if i < 0 || len(path) < 3 {
				return fail(http.StatusNotFound, "NotFound", "Artifact: VMImage was not found.")
			}
			o := body(names[i])
			m := found[0]
			o.Set("properties", ojson.Obj("hyperVGeneration", m.generation(), "architecture", "x64", "replicaType", "Unmanaged", "disallowed", ojson.Obj("vmDiskType", "None"), "automaticOSUpgradeProperties", ojson.Obj("automaticOSUpgradeSupported", true),
				"imageDeprecationStatus", ojson.Obj("imageState", "Active"), "osDiskImage", ojson.Obj("operatingSystem", m.os, "sizeInGb", number(m.sizeGB)), "dataDiskImages", []any{}))
			x.Answer(http.StatusOK, o)
			return nil
		}
		if len(path) == 3 {
			if names, err = sortedVersions(x, names); err != nil {
				return err
			}
		} else {
			slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		}
		list := []any{}
		for _, n := range names {
			list = append(list, body(n))
		}
		x.Answer(http.StatusOK, list)
		return nil
	}
}

// sortedVersions applies $orderby and $top to versions.
func sortedVersions(x *arm.Request, names []string) ([]string, error) {
	q := x.URL.Query()
	slices.Sort(names)
	switch strings.ToLower(strings.TrimSpace(q.Get("$orderby"))) {
	case "", "name", "name asc":
	case "name desc":
		slices.Reverse(names)
	default:
		return nil, invalid("$orderby", "The value '%s' of parameter '$orderby' is invalid.", q.Get("$orderby"))
	}
	if s := q.Get("$top"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, invalid("$top", "The value '%s' of parameter '$top' is invalid.", s)
		}
		names = names[:min(n, len(names))]
	}
	return names, nil
}

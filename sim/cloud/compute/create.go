package compute

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// refusedNames are what no administrator may be called (the service's own list).
var refusedNames = strings.Fields("administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console david guest john owner root server sql support support_388945a0 sys test2 test3 user4 user5")

var (
	windowsName = regexp.MustCompile(`^[A-Za-z0-9-]{1,15}$`)
	linuxName   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$`)
)

// create checks a new machine and fills in what the service does.
func create(a *arm.ARM, r *arm.Resource) error {
	p := r.Properties
	size := p.Str("hardwareProfile", "vmSize")
	storage := p.Obj("storageProfile")
	switch {
	case size == "":
		return missing("vmSize")
	case storage.Len() == 0:
		return missing("storageProfile")
	case storage.Obj("osDisk").Len() == 0:
		return missing("osDisk")
	case len(nicIDs(p)) == 0:
		return missing("networkProfile")
	}
	if err := checkSize(size); err != nil {
		return err
	}
	attach := strings.EqualFold(storage.Str("osDisk", "createOption"), "Attach")
	if !attach {
		if err := settleImage(r.Location, storage); err != nil {
			return err
		}
	}
	p.Set("vmId", a.IDs.GUID("compute.vm"))
	if disk := storage.Obj("osDisk"); disk.Str("osType") == "" {
		disk.Set("osType", osType(*r))
	}
	os := p.Obj("osProfile")
	if attach {
		if os != nil {
			return invalid("osProfile", "Parameter 'osProfile' is not allowed.")
		}
		return nil
	}
	return checkProfile(r, os)
}

// checkProfile checks who administers a machine, and with what.
func checkProfile(r *arm.Resource, os *ojson.Object) error {
	user, password := os.Str("adminUsername"), os.Str("adminPassword")
	windows := osType(*r) == "Windows"
	if user == "" {
		return missing("adminUsername")
	}
	if slices.Contains(refusedNames, strings.ToLower(user)) {
		return invalid("adminUsername", "The Admin Username specified is not allowed.")
	}
	if os.Str("computerName") == "" {
		os.Set("computerName", r.Name)
	}
	switch name := os.Str("computerName"); {
	case windows && (!windowsName.MatchString(name) || strings.Trim(name, "0123456789") == ""):
		return invalid("computerName", "Windows computer name cannot be more than 15 characters long, be entirely numeric, or contain the following characters: ` ~ ! @ # $ %% ^ & * ( ) = + _ [ ] { } \\ | ; : . ' \" , < > / ?.")
	case !windows && !linuxName.MatchString(name):
		return invalid("computerName", "Linux host name cannot exceed 64 characters in length or contain the following characters: ` ~ ! @ # $ %% ^ & * ( ) = + _ [ ] { } \\ | ; : ' \" , < > / ?.")
	}
	linux := os.Obj("linuxConfiguration")
	noPassword, _ := linux.At("disablePasswordAuthentication").(bool)
	keys := linux.Objects("ssh", "publicKeys")
	switch {
	case windows && password == "":
		return missing("adminPassword")
	case !windows && noPassword && len(keys) == 0:
		return invalid("linuxConfiguration", "Authentication using SSH is enabled but no SSH public key was provided in the Linux profile.")
	case !windows && password == "" && len(keys) == 0:
		return invalid("adminPassword", "Authentication using either SSH or by user name and password must be enabled in Linux profile.")
	case password != "" && !strong(password, windows):
		low, high := 6, 72
		if windows {
			low, high = 8, 123
		}
		return invalid("adminPassword", "The supplied password must be between %d-%d characters long and must satisfy at least 3 of password complexity requirements from the following:\r\n1) Contains an uppercase character\r\n2) Contains a lowercase character\r\n3) Contains a numeric digit\r\n4) Contains a special character\r\n5) Control characters are not allowed", low, high)
	}
	for _, k := range keys {
		if want := "/home/" + user + "/.ssh/authorized_keys"; k.Str("path") != want {
			return invalid("linuxConfiguration.ssh.publicKeys.path", "Destination path for SSH public keys is currently limited to its default value %s  due to a known issue in Linux provisioning agent.", want)
		}
	}
	hide(os)
	if windows {
		os.Fill("windowsConfiguration", &ojson.Object{})
		os.Obj("windowsConfiguration").Fill("provisionVMAgent", true, "enableAutomaticUpdates", true, "patchSettings", ojson.Obj("patchMode", "AutomaticByOS", "assessmentMode", "ImageDefault"))
	} else {
		os.Fill("linuxConfiguration", &ojson.Object{})
		os.Obj("linuxConfiguration").Fill("disablePasswordAuthentication", false, "provisionVMAgent", true, "patchSettings", ojson.Obj("patchMode", "ImageDefault", "assessmentMode", "ImageDefault"))
	}
	os.Fill("secrets", []any{}, "allowExtensionOperations", true, "requireGuestProvisionSignal", true)
	return nil
}

// strong tells whether a password is one that the service takes.
func strong(s string, windows bool) bool {
	low, high := 6, 72
	if windows {
		low, high = 8, 123
	}
	kinds := map[string]bool{}
	for _, c := range s {
		switch {
		case unicode.IsControl(c):
			return false
		case unicode.IsUpper(c):
			kinds["upper"] = true
		case unicode.IsLower(c):
			kinds["lower"] = true
		case unicode.IsDigit(c):
			kinds["digit"] = true
		default:
			kinds["special"] = true
		}
	}
	return len(s) >= low && len(s) <= high && len(kinds) >= 3
}

// shapes are the members of a machine's properties that hold others, by their
// paths; those that end in [] are lists of objects.
var shapes = strings.Fields(`hardwareProfile storageProfile storageProfile.imageReference storageProfile.osDisk storageProfile.osDisk.managedDisk storageProfile.dataDisks[] storageProfile.dataDisks[].managedDisk
	osProfile osProfile.linuxConfiguration osProfile.linuxConfiguration.ssh osProfile.linuxConfiguration.ssh.publicKeys[] osProfile.windowsConfiguration networkProfile networkProfile.networkInterfaces[]`)

// checkShapes refuses properties that are not of their type. null is as if a
// member were missing.
func checkShapes(p *ojson.Object) error {
	for _, shape := range shapes {
		if err := checkShape(p, "properties", strings.Split(shape, ".")); err != nil {
			return err
		}
	}
	return nil
}

func checkShape(o *ojson.Object, path string, rest []string) error {
	name, list := strings.CutSuffix(rest[0], "[]")
	path += "." + name
	v, ok := o.GetFold(name)
	if !ok {
		return nil
	}
	if v == nil {
		o.Delete(name)
		return nil
	}
	values := []any{v}
	if list {
		if values, ok = v.([]any); !ok {
			return wrongShape(path, "a list")
		}
	}
	for _, e := range values {
		inner, ok := e.(*ojson.Object)
		if !ok {
			return wrongShape(path, "an object")
		}
		if len(rest) > 1 {
			if err := checkShape(inner, path, rest[1:]); err != nil {
				return err
			}
		}
	}
	return nil
}

func wrongShape(path, want string) error {
	return fail(http.StatusBadRequest, "BadRequest", "Error converting the value at path '%s': %s is expected.", path, want)
}

// sizeName is how the names of sizes look.
var sizeName = regexp.MustCompile(`^(Basic_A[0-4]|Standard_([ABDEFGHLMN]|DC|DS|EC|FX|GS|HB|HC|HX|LS|NC|ND|NG|NP|NV|PB)\d+(-\d+)?[a-z]*(_[A-Za-z0-9]+)*(_v\d+)?)$`)

// checkSize takes the sizes of the table and those that only look like one.
func checkSize(name string) error {
	if slices.ContainsFunc(sizes, func(s size) bool { return strings.EqualFold(s.name, name) }) || sizeName.MatchString(name) {
		return nil
	}
	var known []string
	for _, s := range sizes {
		known = append(known, s.name)
	}
	return invalid("vmSize", "The value %s provided for the VM size is not valid. The valid sizes in the current region are: %s. Find out more on the valid VM sizes in each region at https://aka.ms/azure-regions.", name, strings.Join(known, ","))
}

// settleImage checks the image that a machine is made from and completes it.
func settleImage(location string, storage *ojson.Object) error {
	ref := storage.Obj("imageReference")
	switch {
	case ref.Str("id") != "" || ref.Str("sharedGalleryImageId") != "" || ref.Str("communityGalleryImageId") != "":
		return arm.NotSimulated("a virtual machine from a gallery or an image of one's own")
	case ref == nil && storage.Obj("osDisk", "image") != nil:
		return arm.NotSimulated("a virtual machine from an unmanaged disk")
	case ref == nil:
		return missing("imageReference")
	}
	publisher, offer, sku, version := ref.Str("publisher"), ref.Str("offer"), ref.Str("sku"), ref.Str("version")
	for _, part := range []struct{ name, value string }{{"imageReference.publisher", publisher}, {"imageReference.offer", offer}, {"imageReference.sku", sku}, {"imageReference.version", version}} {
		if part.value == "" {
			return missing(part.name)
		}
	}
	if i, ok := findImage(publisher, offer, sku); ok {
		exact, ok := i.version(version)
		if ok {
			ref.Set("exactVersion", exact)
			return nil
		}
	} else if knownPublisher(publisher) {
		return nil // one of the many that are in no table
	}
	return &arm.Error{Status: http.StatusNotFound, Code: "PlatformImageNotFound", Target: "imageReference", Message: "The platform image '" + strings.Join([]string{publisher, offer, sku, version}, ":") + "' is not available. Verify that all fields in the storage profile are correct. For more details about storage profile information, please refer to https://aka.ms/storageprofile"}
}

// osType tells "Linux" from "Windows" by what a VM is made from.
func osType(r arm.Resource) string {
	if t := r.Properties.Str("storageProfile", "osDisk", "osType"); t != "" {
		return t
	}
	image := r.Properties.Obj("storageProfile", "imageReference")
	if i, ok := findImage(image.Str("publisher"), image.Str("offer"), image.Str("sku")); ok {
		return i.os
	}
	if r.Properties.Obj("osProfile", "windowsConfiguration") != nil || strings.Contains(strings.ToLower(image.Str("publisher")+image.Str("offer")), "windows") {
		return "Windows"
	}
	return "Linux"
}

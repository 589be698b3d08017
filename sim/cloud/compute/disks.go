package compute

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// disks is the type of managed disks.
func disks() *arm.Type {
	return &arm.Type{
		Namespace: namespace, Name: "disks", Pretty: true, Header: map[string]string{"Server": "Microsoft-HTTPAPI/2.0"},
		Versions: strings.Fields("2024-03-02 2023-10-02 2023-04-02 2023-01-02 2022-07-02 2022-03-02 2021-12-01 2021-08-01 2021-04-01 2020-12-01 2020-09-30 2020-06-30 2020-05-01 2019-11-01 2019-07-01 2019-03-01 2018-09-30 2018-06-01 2018-04-01 2017-03-30 2016-04-30-preview"),
		Async:    &arm.Async{Create: 5 * time.Second, Update: 3 * time.Second, Delete: 5 * time.Second, State: "Updating", Status: http.StatusAccepted, Retry: 2, Timed: true, Collection: "DiskOperations"},
		Put:      putDisk, Delete: deleteDisk, Render: renderDisk, Below: "beginGetAccess endGetAccess privateEndpointConnections",
	}
}

// putDisk makes an empty disk, or changes one.
func putDisk(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	p := r.Properties
	if old != nil {
		was, _ := size32(old.Properties.At("diskSizeGB"))
		now, ok := size32(p.At("diskSizeGB"))
		if ok && now < was {
			return fail(http.StatusBadRequest, "BadRequest", "New disk size of %d GB cannot be less than existing size of %d GB.", now, was)
		}
		for _, m := range old.Properties.Members() {
			p.Fill(m.Key, m.Value)
		}
		if r.SKU == nil {
			r.SKU = old.SKU
		}
	} else {
		switch option := p.Str("creationData", "createOption"); {
		case option == "":
			return missing("disk.creationData")
		case !strings.EqualFold(option, "Empty"):
			return arm.NotSimulated("a disk with createOption " + option)
		}
		if n, ok := size32(p.At("diskSizeGB")); !ok || n < 1 || n > 32767 {
			return invalid("disk.diskSizeGB", "Required parameter 'disk.diskSizeGB' is missing or out of its range of 1 to 32767.")
		}
		if r.SKU == nil {
			r.SKU = ojson.Obj("name", "Standard_LRS")
		}
		fillDisk(a, r, x.At())
		p.Set("diskState", "Unattached")
	}
	if !slices.ContainsFunc(diskSKUs, func(s [2]string) bool { return strings.EqualFold(s[0], r.SKU.Str("name")) }) {
		return invalid("disk.sku.name", "The value '%s' of parameter 'disk.sku.name' is invalid.", r.SKU.Str("name"))
	}
	r.SKU = diskSKU(r.SKU.Str("name"))
	return nil
}

func size32(v any) (int, bool) {
	switch n := v.(type) {
	case json.Number:
		i, err := strconv.Atoi(n.String())
		return i, err == nil
	case int:
		return n, true
	}
	return 0, false
}

// diskSKUs are the kinds of disks with their tiers.
var diskSKUs = [][2]string{{"Standard_LRS", "Standard"}, {"StandardSSD_LRS", "Standard"}, {"StandardSSD_ZRS", "Standard"}, {"Premium_LRS", "Premium"}, {"Premium_ZRS", "Premium"}, {"PremiumV2_LRS", "Premium"}, {"UltraSSD_LRS", "Ultra"}}

func diskSKU(name string) *ojson.Object {
	for _, s := range diskSKUs {
		if strings.EqualFold(s[0], name) {
			return ojson.Obj("name", s[0], "tier", s[1])
		}
	}
	return ojson.Obj("name", name)
}

// fillDisk sets what every disk has.
func fillDisk(a *arm.ARM, r *arm.Resource, at time.Time) {
	gb, _ := size32(r.Properties.At("diskSizeGB"))
	r.Properties.Fill("encryption", ojson.Obj("type", "EncryptionAtRestWithPlatformKey"), "networkAccessPolicy", "AllowAll", "publicNetworkAccess", "Enabled",
		"diskSizeBytes", json.Number(strconv.Itoa(gb<<30)), "uniqueId", a.IDs.NamedGUID("compute.disk", strings.ToLower(r.ID)+at.String()), "timeCreated", at.Format("2006-01-02T15:04:05.0000000-07:00"))
}

func deleteDisk(_ *arm.ARM, _ *arm.Request, r arm.Resource) error {
	if r.ManagedBy != "" {
		return fail(http.StatusConflict, "OperationNotAllowed", "Disk %s is attached to VM %s.", r.ID, r.ManagedBy)
	}
	return nil
}

func renderDisk(_ *arm.ARM, _ *arm.Request, r arm.Resource) *ojson.Object {
	o := ojson.Obj("name", r.Name, "id", r.ID, "type", r.Type, "location", r.Location)
	if r.Tags != nil {
		o.Set("tags", r.Tags)
	}
	if r.ManagedBy != "" {
		o.Set("managedBy", r.ManagedBy)
	}
	o.Set("sku", r.SKU)
	if len(r.Zones) > 0 {
		o.Set("zones", r.Zones)
	}
	o.Set("properties", r.Properties)
	return o
}

// disksOf are the disks of a machine as its storageProfile has them, the
// system's first.
func disksOf(p *ojson.Object) []*ojson.Object {
	var out []*ojson.Object
	if os := p.Obj("storageProfile", "osDisk"); os != nil {
		out = append(out, os)
	}
	return append(out, p.Objects("storageProfile", "dataDisks")...)
}

func diskIDs(p *ojson.Object) []string {
	var out []string
	for _, d := range disksOf(p) {
		if id := d.Str("managedDisk", "id"); id != "" {
			out = append(out, id)
		}
	}
	return out
}

// settleDisks names the disks of a machine and checks those that are attached.
func settleDisks(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	storage := r.Properties.Obj("storageProfile")
	storage.Fill("dataDisks", []any{}, "diskControllerType", "SCSI")
	var had []string
	if old != nil {
		had = diskIDs(old.Properties)
		keepOSDisk(storage, old.Properties.Obj("storageProfile", "osDisk"))
	}
	if list, _ := storage.At("dataDisks").([]any); list != nil {
		storage.Set("dataDisks", slices.DeleteFunc(slices.Clone(list), func(v any) bool {
			o, _ := v.(*ojson.Object)
			leaves, _ := o.At("toBeDetached").(bool)
			return leaves
		}))
	}
	luns := map[string]bool{}
	for i, d := range disksOf(r.Properties) {
		path := "osDisk"
		if i > 0 {
			path = "dataDisk"
			lun, ok := size32(d.At("lun"))
			if !ok {
				return missing("dataDisk.lun")
			}
			if luns[strconv.Itoa(lun)] {
				return invalid("dataDisk.lun", "A disk at LUN %d already exists.", lun)
			}
			luns[strconv.Itoa(lun)] = true
		}
		if d.Str("managedDisk", "id") != "" && slices.ContainsFunc(had, func(id string) bool { return strings.EqualFold(id, d.Str("managedDisk", "id")) }) {
			continue
		}
		option := d.Str("createOption")
		switch {
		case option == "":
			return missing(path + ".createOption")
		case strings.EqualFold(option, "Attach"):
			disk, ok := a.Resource(d.Str("managedDisk", "id"))
			if !ok || !strings.EqualFold(disk.Type, DiskType) {
				return fail(http.StatusNotFound, "NotFound", "Resource '%s' was not found.", d.Str("managedDisk", "id"))
			}
			if disk.ManagedBy != "" && !strings.EqualFold(disk.ManagedBy, r.ID) {
				return fail(http.StatusConflict, "ConflictingUserInput", "Disk '%s' cannot be attached as the disk is already owned by VM '%s'.", disk.Name, disk.ManagedBy)
			}
			if d.Str("name") == "" {
				d.Set("name", disk.Name)
			}
			if n, ok := disk.Properties.Get("diskSizeGB"); ok {
				d.Set("diskSizeGB", n)
			}
		default:
			if err := newDisk(a, x, r, d, i); err != nil {
				return err
			}
		}
		d.Fill("deleteOption", "Detach")
	}
	return nil
}

// keepOSDisk leaves the system's disk what it was where a body does not say it.
func keepOSDisk(storage, was *ojson.Object) {
	if storage.Obj("osDisk") == nil {
		storage.Set("osDisk", was.Clone())
		return
	}
	os := storage.Obj("osDisk")
	for _, m := range was.Members() {
		os.Fill(m.Key, m.Value)
	}
	if m := os.Obj("managedDisk"); m != nil && m.Str("id") == "" && was.Str("managedDisk", "id") != "" {
		m.Set("id", was.Str("managedDisk", "id"))
	}
}

// newDisk names the i-th disk of a machine that is made with it.
func newDisk(a *arm.ARM, x *arm.Request, r *arm.Resource, d *ojson.Object, i int) error {
	if d.Str("name") == "" {
		name := r.Name + "_OsDisk_1_"
		if i > 0 {
			name = r.Name + "_disk" + strconv.Itoa(i+1) + "_"
		}
		d.Set("name", name+a.IDs.Hex("compute.disk", 16))
	}
	d.Fill("managedDisk", &ojson.Object{}, "caching", map[bool]string{true: "ReadWrite", false: "None"}[i == 0])
	m := d.Obj("managedDisk")
	m.Fill("storageAccountType", "Standard_LRS")
	id := r.Group() + "/providers/" + DiskType + "/" + d.Str("name")
	if _, ok := a.Resource(id); ok {
		parts := strings.Split(id, "/")
		return fail(http.StatusConflict, "ConflictingUserInput", "Disk %s already exists in resource group %s. Only CreateOption.Attach is supported.", d.Str("name"), strings.ToUpper(parts[4]))
	}
	if d.At("diskSizeGB") == nil {
		if i > 0 {
			return missing("dataDisk.diskSizeGB")
		}
		d.Set("diskSizeGB", json.Number(strconv.Itoa(imageOf(*r).gb())))
	}
	m.Set("id", id)
	return a.Join(x, DiskType+"/write", id)
}

// keepDisks makes the disks of a machine that are new, and frees those that it
// has no longer.
func keepDisks(a *arm.ARM, old *arm.Resource, r arm.Resource) {
	now := diskIDs(r.Properties)
	if old != nil {
		for _, id := range diskIDs(old.Properties) {
			if !slices.ContainsFunc(now, func(s string) bool { return strings.EqualFold(s, id) }) {
				setOwner(a, id, "")
			}
		}
	}
	for i, d := range disksOf(r.Properties) {
		id := d.Str("managedDisk", "id")
		if id == "" {
			continue
		}
		if _, ok := a.Resource(id); !ok {
			disk := arm.Resource{ID: id, Type: DiskType, Name: d.Str("name"), Location: r.Location, Zones: r.Zones, SKU: diskSKU(d.Str("managedDisk", "storageAccountType")), Created: r.Changed, Changed: r.Changed}
			p := &ojson.Object{}
			if i == 0 {
				image := r.Properties.Obj("storageProfile", "imageReference")
				p.Set("osType", d.Str("osType"))
				p.Set("hyperVGeneration", imageOf(r).generation())
				p.Set("creationData", ojson.Obj("createOption", "FromImage", "imageReference", ojson.Obj("id", imageID(subscription(r.ID), r.Location, image.Str("publisher"), image.Str("offer"), image.Str("sku"), image.Str("exactVersion")))))
			} else {
				p.Set("creationData", ojson.Obj("createOption", d.Str("createOption")))
			}
			p.Set("diskSizeGB", d.At("diskSizeGB"))
			p.Set("provisioningState", "Succeeded")
			disk.Properties = p
			fillDisk(a, &disk, r.Changed)
			a.Keep(disk)
		}
		setOwner(a, id, r.ID)
	}
}

func subscription(id string) string { return strings.Split(id, "/")[2] }

// setOwner attaches a disk to a machine, or with "" detaches it.
func setOwner(a *arm.ARM, id, machine string) {
	disk, ok := a.Resource(id)
	if !ok || disk.ManagedBy == machine {
		return
	}
	disk.ManagedBy = machine
	state := "Attached"
	if machine == "" {
		state = "Unattached"
	}
	disk.Properties.Set("diskState", state)
	a.Keep(disk)
}

// loseDisks frees or deletes the disks of a machine that is gone.
func loseDisks(a *arm.ARM, r arm.Resource) {
	for _, d := range disksOf(r.Properties) {
		id := d.Str("managedDisk", "id")
		setOwner(a, id, "")
		if strings.EqualFold(d.Str("deleteOption"), "Delete") {
			a.Remove(id)
		}
	}
}
